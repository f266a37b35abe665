"""Evaluations of small documents and of a hostile one, and the pages on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from annotations import Document, Event, Span, load_schema
from inference.events.linking import assemble
from inference.manifest import Manifest
from inference.prediction import PredictedSpan, Prediction
from tests.tiny import documents as small_documents
from training.behaviour.run import Behaviour, CaseResult
from training.evaluation.assessment import Assessment
from training.evaluation.compare import compare_versions
from training.evaluation.cost import Cost
from training.evaluation.evaluate import Evaluation
from training.evaluation.training_overlap import mentions
from training.reports.page import comparison_page, evaluation_page

SCHEMA = load_schema()
HISTORY = [
    {"epoch": n, "loss": 1 / n, "dev_strict_f1": 0.2 * n, "dev_partial_f1": 0.25 * n, "dev_overlap_f1": 0.3 * n}
    for n in (1, 2, 3)
]
SCRIPT = "<script>document.title='hacked';alert(1)</script>"
HOSTILE = f"""{SCRIPT} "Rebels" shot 12 men in Gao.\r\n</style></script><img src=x onerror="alert(2)"> & 'so' on
\u05d4\u05de\u05d5\u05e8\u05d3\u05d9\u05dd \U0001f4a5 \u202e{{{{ 7 * 7 }}}} $x$ it's over."""


def found(text: str, spans: Sequence[Span], model: str = "m") -> Prediction:
    """A prediction with these spans; events follow by the rules."""
    made = [
        PredictedSpan(f"S{n}", s.start, s.end, text[s.start : s.end], s.label, s.type, 0.55 + 0.04 * (n % 10))
        for n, s in enumerate(sorted(spans, key=lambda s: s.start), start=1)
    ]
    return Prediction(text, made, assemble(text, made, SCHEMA), model, 1, SCHEMA)


def changed(document: Document, seed: int) -> list[Span]:
    """The gold spans with an error of each kind here and there."""
    spans = []
    for number, span in enumerate(document.spans, start=seed):
        match number % 7:
            case 0:
                continue
            case 1 if span.end - span.start > 4:
                spans.append(replace(span, end=span.end - 2))
            case 2 | 4 | 5 if span.type:
                spans.append(replace(span, type="displaced" if span.label == "TOLL" else "shelling"))
            case 3:
                spans.append(replace(span, label="WEAPON", type=None))
            case _:
                spans.append(span)
    end = len(document.text)
    return [*spans, Span("x", end - 7, end - 1, "DATE")]


def hostile() -> Document:
    start = HOSTILE.index("Rebels")
    spans = [
        Span("S<0>", 0, len(SCRIPT), "WEAPON"),
        Span("S1", start, start + 6, "PERPETRATOR"),
        Span("S2", start + 8, start + 12, "ATTACK", "armed_assault"),
        Span("S3", start + 13, start + 15, "TOLL", "killed"),
        Span("S4", start + 16, start + 19, "VICTIM"),
    ]
    roles = {"triggers": ("S2",), "perpetrators": ("S1",), "victims": ("S4",), "tolls": ("S3",), "weapons": ("S<0>",)}
    meta = {"genre": "<b>wire</b>", "country": '"><svg onload=alert(3)>', "note": SCRIPT, "list": [1]}
    return Document('"><script>alert(4)</script>', HOSTILE, spans, [Event("<E1>", "armed_assault", roles)], meta)


def gold(count: int = 12) -> list[Document]:
    return [*small_documents(count), hostile()]


def assessment(
    documents: Sequence[Document], seed: int = 1, model: str = "<i>model</i> $1$", **more: Any
) -> Assessment:
    predictions = [found(document.text, changed(document, seed), model) for document in documents]
    values = {
        "data": ["<u>data</u>"],
        "digest": "ab12",
        "manifest": Manifest(model, 256, 32, training={"history": HISTORY}),
        "trained_on": [],
        "seen": mentions(documents[:2]),
        "cost": Cost(1.2, 34.0, 2500.0, 600.0, 92.0, 12),
    }
    return Assessment(Evaluation(model, documents, predictions, SCHEMA), **(values | more))


def compared(documents: Sequence[Document], candidates: int = 1, **more: Any) -> str:
    made = [assessment(documents, seed, f"<b>v{seed}</b>") for seed in range(1, candidates + 2)]
    others = [compare_versions(made[0].evaluation, one.evaluation, seen=one.seen, **more) for one in made[1:]]
    return comparison_page(others, made)


def pages() -> dict[str, str]:
    behaviour = Behaviour(
        [CaseResult("tolls", "minimum", "<case>", (SCRIPT,)), CaseResult("tolls", "minimum", "b", ())]
    )
    return {
        "evaluation": evaluation_page(assessment(gold()), behaviour=behaviour),
        "comparison": compared(gold(), candidates=2, contaminated={"<b>v2</b>": [hostile().id]}),
    }
