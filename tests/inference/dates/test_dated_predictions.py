"""Dates of events: in Python, on the command line, and in tables."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas
import pytest

from annotations import load_schema
from inference import Model, Prediction
from inference.prediction import PredictedEvent, PredictedSpan
from tests.helpers import run

SCHEMA = load_schema()


def made(words: str, **flags: str) -> Prediction:
    text = f"A raid {words}."
    spans = [
        PredictedSpan("S1", 2, 6, "raid", "ATTACK", "armed_assault", 0.9),
        PredictedSpan("S2", 7, 7 + len(words), words, "DATE", None, 0.9),
    ]
    event = PredictedEvent("E1", "armed_assault", 0.9, (spans[0],), mentions={"dates": (spans[1],)}, flags=flags)
    return Prediction(text, spans, [event], "m", 1, SCHEMA)


def test_events_get_a_date_with_the_mention_that_it_comes_from() -> None:
    found = made("Monday").dated("2021-03-04")
    assert found.to_dict()["date"] == "2021-03-04"
    assert found.to_dict()["events"][0]["date"] == {
        "start": "2021-03-01",
        "end": "2021-03-01",
        "precision": "day",
        "span": "S2",
    }
    (row,) = found.to_rows()
    assert [row[f"event_date{end}"] for end in ("", "_end", "_precision", "_text")] == [
        *("2021-03-01", "2021-03-01", "day", "Monday")
    ]
    assert found.to_dataframe()["event_date"].tolist() == [pandas.Timestamp("2021-03-01")]


@pytest.mark.parametrize(("words", "day"), [("Monday", None), ("hours later", "2021-03-04"), ("2022", "2021-03-04")])
def test_an_unknown_date_is_absent(words: str, day: str | None) -> None:
    found = made(words).dated(day)
    assert "date" not in found.to_dict()["events"][0]
    assert found.to_rows()[0]["event_date"] is None
    assert found.to_dataframe()["event_date"].isna().all()


@pytest.mark.parametrize("before", ["since ", "every ", "before the ", "by ", "nearly ", "on ", "of "])
def test_a_word_before_a_date_may_leave_it_open(before: str) -> None:
    one = made("Monday")
    spans = [one.spans[0], replace(one.spans[1], start=7 + len(before), end=13 + len(before))]
    events = [event.with_spans({span.id: span for span in spans}) for event in one.events]
    moved = replace(one, text=f"A raid {before}Monday.", spans=spans, events=events)
    found = moved.dated("2021-03-04").events[0].date
    assert (found is not None) == (before in ("on ", "of "))


def test_a_threatened_attack_has_no_date() -> None:
    assert made("Monday", stage="threatened").dated("2021-03-04").events[0].date is None
    assert made("Monday", stage="attempted").dated("2021-03-04").events[0].date is not None


def test_dates_of_texts(tiny_model_folder: Path) -> None:
    model = Model(tiny_model_folder)
    assert model.predict("Rain.", "2021-03-04").date == date(2021, 3, 4)
    assert [one.date for one in model.predict(["a", "b"], date="2021-03-04")] == [date(2021, 3, 4)] * 2
    assert [one.date for one in model.predict(["a", "b"], date=[None, "2021-03-04"])] == [None, date(2021, 3, 4)]
    assert model.predict([], date="2021-03-04") == []
    for wrong in ("yesterday", ["2021-03-04"]):
        with pytest.raises(ValueError, match=r"yesterday|1 dates"):
            model.predict(["a", "b"], date=wrong)


def test_dates_on_the_command_line(tmp_path: Path, tiny_model_folder: Path) -> None:
    lines = [
        {"text": "a", "date": "2020-01-02"},
        {"text": "b"},
        {"text": "c", "date": None},
        {"text": "d", "date": "2020"},
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    given = ("predict", "a.jsonl", "--model", str(tiny_model_folder), "--format", "jsonl")
    found = run(*given, "--date", "2021-03-04", cwd=tmp_path)
    assert [json.loads(line)["date"] for line in found.stdout.splitlines()] == [
        "2020-01-02",
        "2021-03-04",
        "2021-03-04",
    ]
    assert (found.returncode, "a.jsonl:4" in found.stderr) == (1, True)
    assert [json.loads(line).get("date") for line in run(*given, cwd=tmp_path).stdout.splitlines()] == [
        *("2020-01-02", None, None)
    ]
    assert run(*given, "--date", "4 March", cwd=tmp_path).returncode == 2


def test_dates_in_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from inference.inputs import Input
    from training.cli.prediction_files import Predicted, Tables, write_parquet

    dated = [("a", made("Monday").dated("2021-03-04")), ("b", made("Monday"))]
    found = [Predicted(Input(name, one.text), one) for name, one in dated]
    write_parquet(found, Tables(SCHEMA), [tmp_path / "a.parquet"])
    assert pandas.read_parquet(tmp_path / "a.parquet")["event_date"].tolist() == [date(2021, 3, 1), None]
