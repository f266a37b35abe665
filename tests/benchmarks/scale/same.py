"""Whether the results of a run are those of the model alone, row for row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pyarrow import parquet

from inference import Model
from inference.loading import RELEASED


def expected(texts: Sequence[str]) -> dict[str, str]:
    """Return the prediction of each text as JSON, made in this process on all processors."""
    model = Model(RELEASED)
    return {one.text: one.to_json() for one in model.predict_stream(texts)}


def differing(folder: Path, wanted: Mapping[str, str], articles: int) -> int:
    """Return how many rows are not the ones that are expected: another id, text or prediction, or none.

    Args:
        folder: The results of a run.
        wanted: The prediction of each text.
        articles: How many rows there should be.
    """
    number = wrong = 0
    for file in sorted((folder / "articles").iterdir()):
        for row in parquet.read_table(file).to_pylist():
            right = row["id"] == f"a{number:07}" and row["number"] == number
            wrong += not (right and json.loads(row["prediction"]) == json.loads(wanted.get(row["text"], "null")))
            number += 1
    return wrong + abs(articles - number)
