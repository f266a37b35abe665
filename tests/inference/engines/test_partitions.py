"""Inputs in partitions, whoever asks for them and in whatever order."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.engines import Job
from inference.engines.job import PartitionReader, cut
from inference.inputs import Input
from tests.inference.engines.archive import archive


@given(st.integers(0, 40), st.integers(1, 9), st.integers(1, 9))
def test_partitions_have_all_inputs_in_order(inputs: int, rows: int, count: int) -> None:
    found = list(cut((Input(str(number), "") for number in range(inputs)), rows, count))
    assert [one.name for part in found for one in part] == [str(number) for number in range(inputs)]
    assert len(found) == count
    assert all(len(part) <= rows for part in found[:-1])


@pytest.fixture
def job(tmp_path: Path) -> Job:
    archive(tmp_path / "archive")
    return Job(["archive"], tmp_path, rows=3)


COUNT = 6


def names(part: list[Input]) -> list[str]:
    return [one.name for one in part]


def expected(job: Job) -> list[list[str]]:
    reader = PartitionReader(job, COUNT, range(COUNT))
    return [names(reader.take(number)) for number in range(COUNT)]


@given(order=st.permutations(range(COUNT)))
def test_the_order_in_which_partitions_are_asked_for_does_not_matter(job: Job, order: list[int]) -> None:
    reader = PartitionReader(job, COUNT, range(COUNT))
    assert {number: names(reader.take(number)) for number in order} == dict(enumerate(expected(job)))


def test_only_partitions_under_way_are_held(job: Job) -> None:
    reader = PartitionReader(job, COUNT, [1, 2, 4])
    reader.take(1)
    assert set(reader._held) == {1}
    reader.take(4)
    assert set(reader._held) == {1, 2, 4}
    reader.drop(1)
    reader.drop(4)
    assert set(reader._held) == {2}


def test_a_partition_that_was_dropped_is_read_again(job: Job) -> None:
    reader = PartitionReader(job, COUNT, range(COUNT))
    for number in range(4):
        reader.take(number)
        reader.drop(number)
    assert names(reader.take(1)) == expected(job)[1]
    assert names(reader.take(4)) == expected(job)[4]
    assert names(reader.take(0)) == expected(job)[0]
