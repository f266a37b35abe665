"""What layout, encoding and a head in front change in predictions: `python -m tests.invariance MODEL [DATA]`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from annotations.document import Document
from annotations.formats.jsonl import read_documents
from annotations.schema import Schema
from annotations.text.reading import plain
from inference import Model, Prediction, load
from inference.events.linking import assemble
from inference.prediction import PredictedEvent, PredictedSpan
from tests.layouts import CHANGES, FRONTS


@dataclass(frozen=True)
class Content:
    """What a prediction says, without offsets."""

    spans: list[object]
    events: list[object]
    tolls: list[object]


@dataclass(frozen=True)
class Differences:
    """Ids of the documents in which something differs."""

    spans: list[str]
    events: list[str]
    tolls: list[str]


def content(prediction: Prediction, start: int = 0) -> Content:
    """Return what a prediction says of a text from an offset on, its spans numbered."""
    spans = [span for span in prediction.spans if span.start >= start]
    number = {span.id: at for at, span in enumerate(spans)}
    events = [event for event in prediction.events if number.keys() & set(event.to_event().span_ids)]
    return Content(
        [(plain(span.text), span.label, span.type) for span in spans],
        [_said(event, number) for event in events],
        sorted(str({kind: toll.toll for kind, toll in event.toll.items()}) for event in events),
    )


def _said(event: PredictedEvent, number: dict[str, int]) -> object:
    return (
        event.attack_type,
        [number[i] for i in event.to_event().span_ids if i in number],
        {kind: toll.toll for kind, toll in event.toll.items()},
        [who.name for who in (*event.perpetrators, *event.victims)],
        event.flags,
    )


def gold_prediction(document: Document, schema: Schema, front: str = "") -> Prediction:
    """Return what the rules make of the gold spans of a text with something in front."""
    text = front + document.text
    spans = [
        PredictedSpan(
            s.id, s.start + len(front), s.end + len(front), document.text[s.start : s.end], s.label, s.type, 0.9
        )
        for s in sorted(document.spans, key=lambda span: (span.start, span.end))
    ]
    return Prediction(text, spans, assemble(text, spans, schema), "gold", 1, schema)


def differences(
    model: Model, documents: Sequence[Document], change: str, unchanged: Sequence[Prediction] | None = None
) -> Differences:
    """Compare predictions on texts with predictions on the same texts changed.

    Args:
        model: The model.
        documents: Documents with the texts.
        change: A key of `CHANGES` or `FRONTS`.
        unchanged: The predictions on the texts as they are; if omitted, they are made.
    """
    front = FRONTS.get(change, "")
    changed = [CHANGES[change](document.text) if change in CHANGES else front + document.text for document in documents]
    if unchanged is None:
        unchanged = model.predict([document.text for document in documents])
    pairs = [
        (document.id, content(one), content(other, len(front)))
        for document, one, other in zip(documents, unchanged, model.predict(changed), strict=True)
    ]
    return Differences(
        *(
            [name for name, one, other in pairs if getattr(one, part) != getattr(other, part)]
            for part in ("spans", "events", "tolls")
        )
    )


def main() -> None:
    """Print a line for each change."""
    parser = argparse.ArgumentParser(prog="python -m tests.invariance", description=__doc__)
    parser.add_argument("model", help="a model folder or an address")
    parser.add_argument("data", nargs="?", default="corpus/test")
    given = parser.parse_args()
    model, documents = load(given.model), read_documents(given.data)
    unchanged = model.predict([document.text for document in documents])
    print(f"texts of {len(documents)} whose spans / events / tolls differ")
    for change in (*CHANGES, *FRONTS):
        found = differences(model, documents, change, unchanged)
        print(f"{change:26}{len(found.spans):4}{len(found.events):4}{len(found.tolls):4}", flush=True)


if __name__ == "__main__":
    main()
