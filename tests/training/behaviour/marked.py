"""A model that predicts what marked texts show, and cases for it, for the tests of behaviour cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import regex
import yaml

from annotations import load_schema
from inference import PredictedSpan, Prediction
from inference.events.linking import assemble
from training.behaviour.run import behave, read_cases

SCHEMA = load_schema()
MARK = regex.compile(r"\[([^|\]]*)\|(\w+)(?::(\w+))?\]")


def predicted(marked: str) -> Prediction:
    """The prediction that '[Gunmen|PERPETRATOR] [fired|ATTACK:armed_assault]' shows."""
    text, spans, at = "", [], 0
    for number, match in enumerate(MARK.finditer(marked), start=1):
        text += marked[at : match.start()]
        mention, label, kind = match.groups()
        spans.append(PredictedSpan(f"S{number}", len(text), len(text) + len(mention), mention, label, kind, 0.9))
        text, at = text + mention, match.end()
    text += marked[at:]
    return Prediction(text, spans, assemble(text, spans, SCHEMA), "fake", 1, SCHEMA)


class Fake:
    """A model that predicts what it was told to, and nothing in other texts."""

    schema = SCHEMA

    def __init__(self, *marked: str) -> None:
        self.known = {prediction.text: prediction for prediction in map(predicted, marked)}
        self.calls: list[list[str]] = []

    def predict_stream(self, texts: Iterable[str]) -> Iterator[Prediction]:
        self.calls.append(list(texts))
        return iter([self.known.get(text) or predicted(text) for text in self.calls[-1]])


def write(folder: Path, kind: str, *cases: dict[str, Any], name: str = "tolls", file: str = "tolls.yaml") -> Path:
    content = {"capability": name, "about": "What is tried.", "kind": kind, "cases": list(cases)}
    (folder / file).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return folder / file


def failures(folder: Path, kind: str, case: dict[str, Any], *marked: str) -> tuple[str, ...]:
    """What a model that predicts as marked fails in, in one case."""
    (outcome,) = behave(Fake(*marked), read_cases(write(folder, kind, {"id": "a", **case}))).outcomes
    return outcome.failures


PLAIN = "Gunmen killed 12 traders in Gao on Friday."
RIGHT = (
    "[Gunmen|PERPETRATOR] [killed|ATTACK:armed_assault] [12|TOLL:killed] [traders|VICTIM] in [Gao|LOCATION] "
    "on [Friday|DATE]."
)
ALL_RIGHT = {
    "spans": [{"label": "LOCATION", "text": "Gao"}, {"label": "TOLL", "type": "killed", "text": "12"}],
    "absent": [{"label": "TARGET"}, {"text": "on"}, {"label": "LOCATION", "text": "Friday"}, {"type": "injured"}],
    "events": [
        {
            "attack_type": "armed_assault",
            "perpetrators": ["the gunmen"],
            "victims": ["Traders"],
            "toll": {"killed": 12, "injured": None},
            "flags": {"suicide": None},
            "locations": ["Gao"],
            "dates": ["Friday"],
            "weapons": [],
        }
    ],
    "attack_types": ["armed_assault"],
}
MINIMUM = {"id": "a", "text": PLAIN, "expect": {"events": []}}
DIRECTION = {"id": "a", "text": "Calm.", "changed": "All calm.", "expect": {"events": []}}
INVARIANCE = {"id": "a", "text": "In {place}.", "fill": [{"place": "Gao"}, {"place": "Taiz"}]}
TOWNS = {
    "text": "A bomb in {place} killed {n} clerks, and Gao wept.",
    "fill": [{"place": "Gao", "n": 12}, {"place": "Abu Dis", "n": "forty"}, {"place": "Taiz", "n": 7}],
}
