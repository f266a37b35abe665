"""Thresholds on the scores of spans."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from annotations import load_schema, read_documents
from inference import Model, load, predict
from inference.tagger import checked_thresholds
from training.fit.calibrate import calibrate

TEXT = "Gunmen killed two men at a market in Gao on Friday; a bomb hurt nine soldiers near Kesra."


def test_spans_below_the_threshold_are_left_out_and_numbered_without_gaps(tiny_model_folder: Path) -> None:
    every = predict(TEXT, model=tiny_model_folder, threshold=0).spans
    cut = sorted(span.score for span in every)[len(every) // 2]
    kept = predict(TEXT, model=tiny_model_folder, threshold=cut).spans
    assert [span.start for span in kept] == [span.start for span in every if span.score >= cut]
    assert [span.id for span in kept] == [f"S{number}" for number in range(1, len(kept) + 1)]
    assert 0 < len(kept) < len(every)


def test_a_label_has_a_threshold_of_its_own(tiny_model_folder: Path) -> None:
    every = load(tiny_model_folder, threshold=0).predict(TEXT).spans
    label = every[0].label
    kept = predict(TEXT, model=tiny_model_folder, threshold={label: 1.0}).spans
    assert [span.to_dict() | {"id": ""} for span in kept] == [
        span.to_dict() | {"id": ""} for span in every if span.label != label
    ]


@pytest.mark.parametrize(
    "given", [-0.1, 1.1, "0.5", True, float("nan"), {"ATACK": 0.5}, {"ATTACK": 2}, {"ATTACK": None}]
)
def test_a_threshold_that_is_none_is_refused(tiny_model_folder: Path, given: Any) -> None:
    with pytest.raises(ValueError, match="threshold"):
        load(tiny_model_folder, threshold=given)


def test_one_number_holds_for_every_label() -> None:
    schema = load_schema()
    assert checked_thresholds(0.5, schema) == dict.fromkeys(schema.labels, 0.5)


def test_calibration_chooses_thresholds_that_are_not_worse_than_none(tiny_model_folder: Path) -> None:
    model = Model(tiny_model_folder)
    calibrate(model, read_documents("corpus/dev")[:2])
    assert model.thresholds  # a random model marks far too much
    assert all(0 < value <= 0.5 for value in model.thresholds.values())
