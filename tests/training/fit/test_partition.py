"""Splitting a dataset into parts: shares, types, near-duplicates, groups and dates."""

from __future__ import annotations

import random
import string
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations import DataError, Document, Event
from training.fit.partition import QUIET, split_by_date, split_by_type

SHARES = {"train": 0.8, "dev": 0.1, "test": 0.1}


def _words(number: int) -> str:
    """Words that no other number has, so that only copies are near-duplicates."""
    letters = random.Random(number)
    return " ".join("".join(letters.choices(string.ascii_lowercase, k=7)) for _ in range(12))


def document(number: int, kinds: tuple[str, ...] = (), text: str = "", **meta: str | int) -> Document:
    events = [Event(f"E{at}", kind) for at, kind in enumerate(kinds, start=1)]
    return Document(f"d{number:04d}", text or _words(number), events=events, meta=meta)


def ids(parts: Mapping[str, Sequence[Document]]) -> dict[str, list[str]]:
    return {name: [one.id for one in found] for name, found in parts.items()}


def test_each_part_has_its_share_of_documents_and_of_each_type() -> None:
    kinds = [("bombing",)] * 40 + [("abduction",)] * 20 + [("hijacking", "bombing")] * 10 + [()] * 30
    parts = split_by_type([document(n, kind) for n, kind in enumerate(kinds)], SHARES, seed=5)
    assert {name: len(found) for name, found in parts.documents.items()} == {"train": 80, "dev": 10, "test": 10}
    types = parts.types()
    assert {name: dict(counts) for name, counts in types.items()} == {
        "train": {"bombing": 40, "abduction": 16, "hijacking": 8, QUIET: 24},
        "dev": {"bombing": 5, "abduction": 2, "hijacking": 1, QUIET: 3},
        "test": {"bombing": 5, "abduction": 2, "hijacking": 1, QUIET: 3},
    }


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["", "bombing", "abduction"]), st.integers(0, 9)), min_size=3, max_size=30),
    st.integers(0, 5),
)
def test_every_document_is_in_one_part_copies_together_and_the_seed_decides(
    rows: list[tuple[str, int]], seed: int
) -> None:
    copies = {number: text for number, (_, text) in enumerate(rows)}
    found = [document(n, (kind,) if kind else (), _words(copies[n])) for n, (kind, _) in enumerate(rows)]
    if len(set(copies.values())) < len(SHARES):
        with pytest.raises(DataError):
            split_by_type(found, SHARES, seed)
        return
    parts = split_by_type(found, SHARES, seed)
    assert sorted(one.id for part in parts.documents.values() for one in part) == [one.id for one in found]
    assert all(parts.documents.values())
    homes = {one.text: name for name, part in parts.documents.items() for one in part}
    assert all(homes[one.text] == name for name, part in parts.documents.items() for one in part)
    assert parts.together == len(set(copies.values()))
    assert split_by_type(found, SHARES, seed) == parts


def test_another_seed_gives_another_split() -> None:
    found = [document(n, ("bombing",)) for n in range(40)]
    assert len({str(ids(split_by_type(found, SHARES, seed).documents)) for seed in range(3)}) == 3


def test_documents_of_one_group_stay_together_also_over_copies() -> None:
    found = [document(n, source=f"s{n // 4}") for n in range(24)]
    found[23] = document(23, text=found[0].text, source="s5")  # ties s0 and s5
    parts = split_by_type(found, {"train": 0.5, "test": 0.5}, seed=1, group="meta.source")
    assert parts.together == 5
    groups = {name: {one.meta["source"] for one in part} for name, part in parts.documents.items()}
    assert not groups["train"] & groups["test"]
    assert any({"s0", "s5"} <= part for part in groups.values())


def test_a_document_without_the_group_is_named() -> None:
    with pytest.raises(DataError) as error:
        split_by_type([document(1, source="a"), document(2), document(3, sorce="a")], SHARES, 1, "meta.source")
    assert [fault.document for fault in error.value.faults] == ["d0002", "d0003"]


def test_the_newest_documents_go_to_test_and_a_day_is_never_cut() -> None:
    first = date(2020, 1, 1)
    found = [document(n, date=str(first + timedelta(days=n // 3))) for n in range(60)]
    parts = split_by_date(found[::-1], SHARES).documents
    days = {name: {one.meta["date"] for one in part} for name, part in parts.items()}
    assert max(days["train"]) < min(days["dev"]) <= max(days["dev"]) < min(days["test"])
    assert {name: len(part) for name, part in parts.items()} == {"train": 48, "dev": 6, "test": 6}


def test_an_old_copy_goes_where_the_newest_goes() -> None:
    found = [document(n, date=f"2020-01-{n + 1:02d}") for n in range(10)]
    found[0] = document(0, text=found[9].text, date="2020-01-01")
    parts = ids(split_by_date(found, {"train": 0.8, "test": 0.2}).documents)
    assert parts["test"] == ["d0000", "d0009"]


@pytest.mark.parametrize("day", [None, "last week", 2020])
def test_a_document_without_a_day_is_named(day: str | int | None) -> None:
    found = [document(n, date=f"2020-01-{n + 1:02d}") for n in range(5)]
    found[3] = document(3, **({} if day is None else {"date": day}))
    with pytest.raises(DataError) as error:
        split_by_date(found, SHARES)
    [fault] = error.value.faults
    assert fault.document == "d0003"
    assert "meta.date" in fault.problem


def test_fewer_days_than_parts_are_refused() -> None:
    with pytest.raises(DataError, match="2 "):
        split_by_date([document(n, date=f"2020-01-0{n % 2 + 1}") for n in range(9)], SHARES)
