"""What is measured: this package as released, with 32-bit numbers, and others on the same weights or the same spans."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from annotations import Document
from annotations.schema import Schema
from inference import Model
from inference.loading import RELEASED
from inference.manifest import FILE, read_manifest, write_manifest
from inference.spans import PredictedSpan

Run = Callable[[Sequence[str]], object]
OURS, EXACT, PIPELINE, SPACY = "conflict-events", "conflict-events, 32-bit", "transformers pipeline", "spaCy NER"
_BATCHES = (1, 8)  # rows of a batch that the pipeline is tried with


def torch_model(schema: Schema) -> Any:
    """Return the released model as a torch model, as `encoder: released` loads it."""
    from training.config import TrainConfig
    from training.fit.starting import new_model

    return new_model(TrainConfig(encoder="released", data={"train": ["corpus/train"]}), schema).eval()


def exact_folder(model: Any, folder: Path) -> Path:
    """Write the released model with its plain export: 32-bit numbers throughout."""
    from training.fit.export import to_onnx

    shutil.copytree(RELEASED, folder, ignore=shutil.ignore_patterns("model.onnx", FILE))
    to_onnx(model, folder / "model.onnx")
    write_manifest(folder, replace(read_manifest(RELEASED), scores={}))
    return folder


def pipeline(model: Any, sample: Sequence[str], clock: Callable[[Run, Sequence[str]], float]) -> tuple[Run, int]:
    """Return transformers' own pipeline at its best batch size, articles sorted by length, and that size."""
    from transformers import AutoTokenizer
    from transformers import pipeline as make

    manifest = read_manifest(RELEASED)
    tokenizer = AutoTokenizer.from_pretrained(RELEASED, model_max_length=manifest.window)
    made = make(
        "token-classification",
        model=model,
        tokenizer=tokenizer,
        aggregation_strategy="simple",
        stride=manifest.overlap,
        device="cpu",
    )

    def run(texts: Sequence[str], size: int) -> object:
        return made(sorted(texts, key=len), batch_size=size)

    best = min(_BATCHES, key=lambda size: clock(lambda texts: run(texts, size), sample))
    return (lambda texts: run(texts, best)), best


def spacy_ner(train: Sequence[Document], epochs: int) -> Any:
    """Train spaCy's default entity recogniser on the spans of documents."""
    import spacy
    from spacy.training import Example

    found = spacy.blank("en")
    recogniser = found.add_pipe("ner")
    examples = [Example.from_dict(found.make_doc(one.text), {"entities": _entities(found, one)}) for one in train]
    for label in sorted({entity for example in examples for entity in _labels(example)}):
        recogniser.add_label(label)
    optimizer = found.initialize(lambda: examples)
    chance = random.Random(0)
    for _ in range(epochs):
        chance.shuffle(examples)
        for at in range(0, len(examples), 16):
            found.update(examples[at : at + 16], sgd=optimizer, drop=0.2)
    return found


def _entities(language: Any, document: Document) -> list[tuple[int, int, str]]:
    """Spans that start and end at spaCy's tokens; the few others cannot be learned by it."""
    text = language.make_doc(document.text)
    named = ((span.start, span.end, f"{span.label}:{span.type or ''}") for span in document.spans)
    return [one for one in named if text.char_span(one[0], one[1]) is not None]


def _labels(example: Any) -> set[str]:
    return {entity.label_ for entity in example.reference.ents}


def spacy_spans(language: Any, texts: Sequence[str]) -> list[list[PredictedSpan]]:
    """Return what spaCy finds, as spans."""
    return [
        [
            PredictedSpan(f"S{at}", e.start_char, e.end_char, e.text, *_label(e.label_), 1.0)
            for at, e in enumerate(found.ents, start=1)
        ]
        for found in language.pipe(texts)
    ]


def _label(name: str) -> tuple[str, str | None]:
    label, kind = name.split(":")
    return label, kind or None


def strict_f1(documents: Sequence[Document], spans: Sequence[Sequence[PredictedSpan]], schema: Schema) -> float:
    """Strict F1 on core labels."""
    from training.evaluation.scores import label_scores, span_tally

    return float(label_scores(span_tally(documents, spans, schema), schema)["strict"].core.f1)


def ours(folder: Path, threads: int | None) -> Run:
    """Return a run of this package."""
    model = Model(folder, threads=threads)
    return lambda texts: model.predict(list(texts))
