"""The best toll of several reports."""

from __future__ import annotations

from typing import Any

import pytest

from inference.incidents.report import reports
from inference.incidents.summary import tolls_over_time
from tests.inference.incidents.records import event, record


def told(date: str | None, name: str, low: int | None, high: int | None, **more: Any) -> Any:
    return next(reports(record(name, date, event(killed=(low, high), **more))))


@pytest.mark.parametrize(
    ("given", "best"),
    [
        ([("2020-03-01", 12, 12), ("2020-03-02", 15, 15)], (15, 15)),  # the most recent
        ([("2020-03-01", 15, 15), ("2020-03-02", 12, 12)], (12, 12)),  # also if it is lower
        ([("2020-03-02", 15, 15), ("2020-03-02", 14, 14), ("2020-03-02", 15, 15)], (15, 15)),  # most of one day
        ([("2020-03-02", 15, 15), ("2020-03-02", 14, None)], (14, None)),  # no majority: the lowest
        ([("2020-03-02", 16, 16), ("2020-03-02", 15, 15), ("2020-03-02", 14, 14)], (14, 14)),
        ([("2020-03-01", 15, 15), ("2020-03-02", None, None)], (15, 15)),  # words without a number are vague
        ([(None, 15, 15), ("2020-03-02", 12, 12)], (12, 12)),  # a report without a day comes first
        ([("2020-03-02", None, None)], (None, None)),
    ],
)
def test_the_best_figure(given: list[tuple[str | None, int | None, int | None]], best: tuple[int | None, int | None]):
    members = [told(date, f"d{number}", low, high) for number, (date, low, high) in enumerate(given)]
    for order in (members, members[::-1]):
        found = tolls_over_time(order)["killed"].best
        assert (found.min, found.max) == best


def test_a_figure_beats_a_single_victim_told_in_words():
    members = [told("2020-03-01", "a", 3, 3), told("2020-03-02", "b", 1, 1, implied=True)]
    found = tolls_over_time(members)["killed"]
    assert (found.best.min, found.min, found.max) == (3, 3, 3)
    assert [one.source for one in found.reports] == ["a", "b"]
