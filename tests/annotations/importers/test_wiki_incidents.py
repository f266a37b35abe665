"""Wikipedia's lists of incidents: weak labels from the columns, each with a confidence and a reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.errors import DataError
from annotations.importers.base import Imported
from annotations.importers.wiki_incidents.attack_types import attack_types, flags_of, trigger_words
from annotations.importers.wiki_incidents.harm import counted
from annotations.importers.wiki_incidents.incident_lists import SOURCE
from annotations.importers.wiki_incidents.names import known_as, stated_names
from annotations.schema import load_schema
from annotations.validate import event_faults, span_faults

SCHEMA = load_schema()


def count(low: int, high: int | None = None) -> dict[str, Any]:
    return {"min": low, "max": low if high is None else high, "open_ended": False, "perpetrators": 0}


def row(text: str, **columns: Any) -> dict[str, Any]:
    known = {"type": "Unknown", "location": "", "perpetrator": "", "killed": None, "injured": None, "year": 2001}
    return {"id": "w-1", "text": text, **known, **columns}


def write(path: Path, *records: dict[str, Any] | str) -> Path:
    lines = [record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in records]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def imported(tmp_path: Path, text: str, **columns: Any) -> Imported:
    result = SOURCE.read(write(tmp_path / "a.jsonl", row(text, **columns)))
    for document in result.documents:
        assert [*span_faults(document), *SCHEMA.faults(document), *event_faults(document, SCHEMA)] == []
        weak = document.meta["wiki_incidents"]["weak"]
        assert [*weak] == [span.id for span in document.spans]
        assert all(0 < entry["confidence"] < 1 and entry["reason"] for entry in weak.values())
    return result


def marked(result: Imported) -> list[tuple[str, str]]:
    (document,) = result.documents
    return [(document.mention(s), f"{s.label}:{s.type}" if s.type else s.label) for s in document.spans]


def reasons(result: Imported) -> set[tuple[str, str]]:
    return {(loss.kind, loss.reason) for loss in result.losses if loss.reason != "the column names no attack type"}


def test_a_row_becomes_a_document_with_one_event(tmp_path: Path):
    text = "A man of the KGX blew himself up in northern Lumo, Volta, killing at least 12 people and injuring 30."
    result = imported(
        tmp_path,
        text,
        type="Suicide bombing",
        location="Lumo, Volta",
        perpetrator="Kesra Guard of Xanthe (suspected)",
        killed=count(12),
        injured=count(30),
    )
    (document,) = result.documents
    assert marked(result) == [
        ("KGX", "PERPETRATOR"),
        ("blew himself up", "ATTACK:bombing"),
        ("northern Lumo", "LOCATION"),
        ("Volta", "LOCATION"),
        ("at least 12", "TOLL:killed"),
        ("30", "TOLL:injured"),
    ]
    (event,) = document.events
    assert (event.attack_type, dict(event.flags)) == ("bombing", {"suicide": True})
    assert set(event.span_ids) == {span.id for span in document.spans}
    assert result.losses == ()
    assert dict(result.aligned) == {"type": 1, "perpetrator": 1, "location": 2, "killed": 1, "injured": 1}
    weak = document.meta["wiki_incidents"]["weak"]["S5"]
    assert weak == {"confidence": 0.95, "reason": "the column's number, a verb of the harm right in front"}
    assert document.meta["wiki_incidents"]["killed"] == count(12)
    assert {document.meta["coverage"][label] for label in ("VICTIM", "WEAPON", "TARGET", "DATE")} == {"none"}


@pytest.mark.parametrize(
    ("text", "columns", "loss"),
    [
        ("Rebels came.", {"type": "Bombing"}, ("type", "the text has no word for it")),
        (
            "A mine exploded, they killed two.",
            {"type": "Stabbing"},
            ("type", "the text has words for another type only"),
        ),
        (
            "A bomb exploded.",
            {"type": "Bombing, Arson"},
            ("type", "one type per event; another one was used"),
        ),
        (
            "Rebels came.",
            {"perpetrator": "Kesra Guard"},
            ("perpetrator", "neither the name nor an abbreviation or part of it is in the text"),
        ),
        (
            "Troops killed ten Kesra Guard fighters.",
            {"perpetrator": "Kesra Guard"},
            ("perpetrator", "only found as harmed or arrested, or within a longer word"),
        ),
        ("Rebels came.", {"location": "Lumo"}, ("location", "not found in the text")),
        ("The Lumo Times said so.", {"location": "Lumo"}, ("location", "only found within a longer name")),
        ("Rebels came.", {"killed": count(0)}, ("killed", "0 may mean 'not stated': not searched")),
        ("A nurse was killed.", {"killed": count(1)}, ("killed", "one person, and the text has no number")),
        ("Rebels came.", {"killed": count(7)}, ("killed", "the number is not in the text")),
        (
            "Seven rebels came.",
            {"injured": count(7)},
            ("injured", "the number is in the text, but not next to a word of this harm"),
        ),
        ("It killed 8.", {"killed": count(7)}, ("killed", "the text has other numbers of this harm")),
        (
            "Men of the Lumo Front came to Lumo Front.",
            {"location": "Lumo Front", "perpetrator": "Lumo Front"},
            ("location", "another label marks the same words"),
        ),
        (
            "Men from Lumo Front militants came.",
            {"location": "Lumo Front", "perpetrator": "Lumo Front"},
            ("location", "overlaps a longer span"),
        ),
    ],
)
def test_what_is_not_found_has_a_reason(tmp_path: Path, text: str, columns: dict[str, Any], loss: tuple[str, str]):
    assert loss in reasons(imported(tmp_path, text, **columns))


def test_a_type_that_is_not_told_gives_no_event(tmp_path: Path):
    result = imported(tmp_path, "Gunmen shot two clerks dead.", killed=count(2))
    assert result.documents[0].events == ()
    assert [loss.reason for loss in result.losses] == ["the column names no attack type"]
    assert marked(result) == [("two", "TOLL:killed")]


def test_parts_make_up_the_count_and_other_figures_belong_to_no_event(tmp_path: Path):
    text = "A blast killed four guards and 3 clerks. Nine attackers died."
    result = imported(tmp_path, text, type="Bombing", killed=count(7))
    (document,) = result.documents
    assert marked(result) == [
        ("blast", "ATTACK:bombing"),
        ("four", "TOLL:killed"),
        ("3", "TOLL:killed"),
        ("Nine", "TOLL:killed"),
    ]
    assert document.events[0].roles["tolls"] == ("S2", "S3")
    told = [entry["reason"] for entry in document.meta["wiki_incidents"]["weak"].values()]
    assert told[1:] == [
        "figures of the harm whose sum is the column's number",
        "figures of the harm whose sum is the column's number",
        "a figure of the harm that is not the column's number",
    ]


def test_a_range_is_found_by_its_bounds(tmp_path: Path):
    result = imported(tmp_path, "Between 30 and 40 people were killed.", killed=count(30, 40))
    assert marked(result) == [("Between 30 and 40", "TOLL:killed")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 people were killed and 5 hurt", [("12", "killed"), ("5", "injured")]),
        ("killing three and injuring five", [("three", "killed"), ("five", "injured")]),
        ("left 3 dead, 4 others wounded", [("3", "killed"), ("4", "injured")]),
        ("bringing the death toll to 41", [("41", "killed")]),
        ("two bombings killed six", [("six", "killed")]),
        ("killed two and six were wounded", [("two", "killed"), ("six", "injured")]),
        ("He was killed. Nine came by boat.", []),
        ("Two U.S. medics were hurt.", [("Two", "injured")]),
        ("At least nine came; six were killed", [("six", "killed")]),
        ("1. A mine near the port killed Gen. Sow.", []),
        ("A clerk was killed on Dec. 28 during a raid.", []),
    ],
)
def test_figures_are_told_by_the_words_beside_them(text: str, expected: list[tuple[str, str]]):
    assert [(text[c.figure.start : c.figure.end], c.kind) for c in counted(text)] == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Shooting", ["armed_assault"]),
        ("Suicide bombings, shootings", ["bombing", "armed_assault"]),
        ("Kidnapping and murder", ["abduction", "armed_assault"]),
        ("Rocket attack / Land mine", ["shelling", "bombing"]),
        ("Airstrike", ["air_strike"]),
        ("Plane hijacking", ["hijacking"]),
        ("Clashes", ["armed_clash"]),
        ("Firebombing", ["arson_sabotage"]),
        ("Gas attack", ["unarmed_assault"]),
        ("Assassination attempt", ["assassination"]),
        ("Attack", ["unspecified_attack"]),
        ("", []),
        ("Prison break", []),
    ],
)
def test_types_of_the_column(raw: str, expected: list[str]):
    assert attack_types(raw) == expected
    assert {*expected} <= {*SCHEMA.attack_types}


def test_every_type_has_words_and_flags_are_the_schemas():
    for kind in set(SCHEMA.attack_types) - {"territorial_seizure"}:
        assert trigger_words(kind)[1][1].search("an attack")
    assert flags_of("Attempted suicide bombing") == {"suicide": True, "stage": "attempted"}


def test_names_and_what_else_they_are_called():
    assert stated_names("Unknown") == stated_names("") == []
    assert stated_names("Lumo Front (claimed), KGX?") == ["Lumo Front", "KGX"]
    assert dict(known_as("VDF", "the Volta Defence group"))["other name"] == []
    assert dict(known_as("VDF", "the Volta Defence of Freedom"))["other name"] == ["Volta Defence of Freedom"]
    assert dict(known_as("Lumo Front", "men of Lumo", place="Lumo, Volta"))["part"] == []
    assert dict(known_as("Islamic State", ""))["other name"][0] == "ISIL"


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("nonsense", "is not JSON in UTF-8"),
        ({**row("x"), "text": None}, "key text: "),
        ({key: value for key, value in row("x").items() if key != "killed"}, "key killed: "),
        (row("x", injured=3), "key injured: "),
        (row("x", killed={"min": 1, "max": None}), "key killed.max: "),
    ],
)
def test_every_fault_is_told_with_its_line(tmp_path: Path, record: dict[str, Any] | str, message: str):
    path = write(tmp_path / "a.jsonl", row("Quiet."), record, "", row("Quiet."))
    with pytest.raises(DataError) as raised:
        SOURCE.read(path)
    first, second = raised.value.faults
    assert (first.line, second.line) == (2, 4)
    assert message in str(first)
    assert f"'id' of {path}:1" in str(second)


PIECES = st.sampled_from(
    [
        "A bomb",
        " exploded",
        " killed",
        " wounding",
        " 12",
        " three",
        " and",
        ",",
        ". ",
        " Lumo",
        " Front",
        " militants",
        " the",
    ]
)
TYPES = st.sampled_from(["Bombing", "Shooting, Arson", "Unknown", "Attack", "Suicide bombing"])


@given(
    st.lists(PIECES, max_size=20).map("".join),
    TYPES,
    st.none() | st.integers(0, 15).map(count),
    st.none() | st.integers(0, 15).map(count),
)
def test_any_row_gives_a_sound_document(
    tmp_path: Path, text: str, kind: str, killed: dict[str, Any] | None, injured: dict[str, Any] | None
):
    columns = {
        "type": kind,
        "location": "Lumo, Volta",
        "perpetrator": "Lumo Front",
        "killed": killed,
        "injured": injured,
    }
    result = imported(tmp_path, text, **columns)
    assert result.documents[0].text == text
    for name, number in (("killed", killed), ("injured", injured)):
        told = result.aligned.get(name, 0) + sum(loss.kind == name for loss in result.losses)
        assert told == (number is not None)
