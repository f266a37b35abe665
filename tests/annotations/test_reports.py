"""The invented reports of `annotations/reports`: several reports of one attack, and look-alikes."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

HALVES = ("train", "dev", "test")
FOLDER = Path(__file__).resolve().parents[2] / "annotations" / "reports"


def read(half: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / f"{half}.jsonl").read_text(encoding="utf-8").splitlines()]


def is_like(report: dict[str, Any]) -> bool:
    return "like" in report["meta"]


@pytest.mark.parametrize("half", HALVES)
def test_an_incident_is_told_by_two_to_five_reports_of_different_text(half: str) -> None:
    told = Counter(report["incident"] for report in read(half) if not is_like(report))
    assert len(told) >= 31
    assert set(told.values()) <= {2, 3, 4, 5}


@pytest.mark.parametrize("half", HALVES)
def test_a_look_alike_is_another_incident_than_the_one_that_it_resembles(half: str) -> None:
    reports = read(half)
    told = {report["incident"] for report in reports if not is_like(report)}
    likes = {report["incident"]: report["meta"]["like"] for report in reports if is_like(report)}
    assert len(likes) >= 30
    assert set(likes.values()) <= told
    assert not set(likes) & told


@pytest.mark.parametrize("half", HALVES)
def test_no_report_is_older_than_its_attack(half: str) -> None:
    for report in read(half):
        assert date.fromisoformat(report["date"]) >= date.fromisoformat(report["meta"]["day"]), report["id"]
        assert 25 <= len(report["text"].split()) <= 220, report["id"]


def test_the_parts_share_neither_ids_nor_incidents() -> None:
    parts = [read(half) for half in HALVES]
    assert max(Counter(report["id"] for part in parts for report in part).values()) == 1
    assert max(Counter(one for part in parts for one in {report["incident"] for report in part}).values()) == 1


def test_no_two_reports_share_a_sentence() -> None:
    owner: dict[str, str] = {}
    for report in (report for half in HALVES for report in read(half)):
        for sentence in re.split(r"(?<=[.!?\"])\s+|\n+", report["text"]):
            if len(sentence.split()) > 3:
                assert owner.setdefault(sentence.casefold(), report["id"]) == report["id"], sentence
