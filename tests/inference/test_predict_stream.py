"""Predictions of a stream of texts: order, days, faults, and settings of one call."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, repeat
from pathlib import Path

import pytest

import inference
from inference import Model, Prediction

TEXTS = ["Gunmen killed dozens of traders on Monday.", "", "Rain fell.", "A bomb exploded in Gao on Friday."]


@pytest.fixture(scope="module")
def model(tiny_model_folder: Path) -> Model:
    return Model(tiny_model_folder)


def test_stream_equals_list_with_days(model: Model) -> None:
    days = ["2021-03-04", None, None, "2021-05-06"]
    assert list(model.predict_stream(iter(TEXTS), dates=iter(days))) == model.predict(TEXTS, days)


def test_plain_function_equals_method(model: Model, tiny_model_folder: Path) -> None:
    assert list(inference.predict_stream(iter(TEXTS), model=tiny_model_folder)) == model.predict(TEXTS)


def test_stream_without_end_is_read_as_needed(model: Model) -> None:
    found = list(islice(model.predict_stream(repeat(TEXTS[0])), 3))
    assert found == [model.predict(TEXTS[0])] * 3


def test_convention_and_least_score_are_those_of_the_call(model: Model, tiny_model_folder: Path) -> None:
    found = list(model.predict_stream(TEXTS, convention="acled", min_event_score=0.5))
    assert found == Model(tiny_model_folder, convention="acled").predict(TEXTS, min_event_score=0.5)


@pytest.mark.parametrize(
    ("texts", "dates", "number"),
    [
        (["a", "b", 3], None, r"text\[2\] is int"),
        (["a", "b\ud800"], None, r"text\[1\] .* offset 1"),
        (["a", "b"], ["2021-03-04", "soon"], r"date of text\[1\].*soon"),
        (["a", "b"], ["2021-03-04", 12], r"date of text\[1\].*int"),
        (["a", "b"], ["2021-03-04"], r"text\[1\] .* 1 date"),
        (["a"], ["2021-03-04"] * 2, "1 texts"),
    ],
)
def test_fault_is_named_after_the_predictions_before_it(
    model: Model, texts: list[str], dates: list[str] | None, number: str
) -> None:
    found: list[Prediction] = []
    with pytest.raises((TypeError, ValueError), match=number):
        found.extend(model.predict_stream(texts, dates=dates))
    assert [one.text for one in found] == ["a", "b"][: len(found)]
    assert len(found) >= 1


def test_error_of_the_source_itself_comes_through(model: Model) -> None:
    def broken() -> Iterator[str]:
        yield "a"
        raise OSError(5, "disk")

    stream = model.predict_stream(broken())
    assert next(stream).text == "a"
    with pytest.raises(OSError, match="disk"):
        next(stream)


@pytest.mark.parametrize("wrong", ["one text", b"bytes"])
def test_a_single_text_or_day_is_refused(model: Model, wrong: str) -> None:
    with pytest.raises(TypeError, match="texts"):
        model.predict_stream(wrong)
    with pytest.raises(TypeError, match="dates"):
        model.predict_stream(["a"], dates=wrong)


def test_wrong_settings_are_refused_at_the_call(model: Model) -> None:
    with pytest.raises(ValueError, match="often"):
        model.predict_stream([], convention="often")
    with pytest.raises(ValueError, match="2"):
        model.predict_stream([], min_event_score=2)
