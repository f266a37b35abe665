"""Training that starts from the mean of several models."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from annotations.schema import load_schema
from inference.manifest import read_manifest
from tests.registered import stored_config as settings_of
from tests.tiny import encoder
from training.config import TrainConfig
from training.fit.encoders import EncoderError
from training.fit.starting import new_model
from training.resume import ResumeError
from training.run import train


@pytest.fixture(scope="module")
def models(tiny_models: Callable[[int], Path]) -> list[str]:
    return [str(tiny_models(seed)) for seed in (1, 2, 3)]


def weights_of(first: str, *others: str) -> dict[str, Any]:
    config = TrainConfig(encoder=first, average_with=others, data={"train": ["none"]})
    return dict(new_model(config, load_schema()).state_dict())


@pytest.mark.integration  # exports models
def test_every_weight_is_the_mean(models: list[str]) -> None:
    each = [weights_of(model) for model in models]
    for name, found in weights_of(*models).items():
        torch.testing.assert_close(found, sum(one[name] for one in each) / 3 if found.is_floating_point() else found)
    heads = [one["classifier.weight"] for one in each]
    assert not torch.equal(heads[0], heads[1])


def test_an_encoder_without_a_head_for_the_labels_is_refused(models: list[str], tmp_path: Path) -> None:
    bare = str(encoder(tmp_path / "encoder"))
    for names in ([bare, models[0]], [models[0], bare]):
        with pytest.raises(EncoderError, match="encoder"):
            weights_of(*names)


def test_a_model_of_another_size_is_refused(models: list[str], tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(models[1], other)
    text = (other / "config.json").read_text(encoding="utf-8")
    (other / "config.json").write_text(text.replace('"num_hidden_layers": 1', '"num_hidden_layers": 0'), "utf-8")
    with pytest.raises(EncoderError, match="other"):
        weights_of(models[0], str(other))


def test_a_run_knows_the_models_it_began_with_and_cannot_go_on_from_others(models: list[str], tmp_path: Path) -> None:
    known = tmp_path / "known"
    shutil.copytree(models[1], known)
    manifest = json.loads((known / "manifest.json").read_text(encoding="utf-8"))
    manifest["training"] = {"run": "r7", "train_texts": ["a" * 64]}
    (known / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    given = {**settings_of(tmp_path, epochs=1), "encoder": models[0], "average_with": [str(known)]}
    result = train(TrainConfig(**given))
    training = read_manifest(result.folder).training
    assert training["continued_from"] == ["r7"]
    assert "a" * 64 in training["train_texts"]
    with pytest.raises(ResumeError):
        train(TrainConfig(**{**given, "average_with": [models[2]]}), resume=result.run_id)
