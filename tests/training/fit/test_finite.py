"""Numbers that are not finite: a run stops at the first, and none is exported or loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from inference import ModelError
from inference.manifest import Manifest, read_manifest, write_manifest
from inference.model import Model
from tests.tiny import config as tiny_config
from tests.tiny import fit_of
from training.config import TrainConfig
from training.fit import export
from training.fit.export import ExportError, check_parity, export_model
from training.fit.loss import NotFiniteError
from training.fit.prepare import prepare
from training.fit.starting import new_model
from training.run import Watcher, train

INFINITE = [float("nan"), float("inf"), float("-inf")]


@pytest.mark.parametrize("value", INFINITE)
@pytest.mark.parametrize("name", ["classifier.bias", "bert.embeddings.word_embeddings.weight"])
def test_fit_stops_at_the_first_loss_that_is_not_finite(name: str, value: float, tmp_path: Path) -> None:
    config = TrainConfig(**tiny_config(tmp_path, checkpoint_steps=1))
    fit = fit_of(config, tmp_path / "fit")

    def spoil(state: Any, total: int, left: float) -> None:
        if state.step == 1:
            fit.settings = fit.settings.model_copy(update={"checkpoint_steps": 100})
            with torch.no_grad():
                fit.model.get_parameter(name).fill_(value)

    fit.on_step = spoil
    (tmp_path / "fit").mkdir()
    with pytest.raises(NotFiniteError, match=r"at step 2 \(epoch 1, batch 2\).*fit\.learning_rate \(0\.01\)"):
        fit.run()
    assert fit.state.step == 1
    assert not (tmp_path / "fit" / "best.safetensors").exists()


def test_weights_that_are_not_finite_reach_no_checkpoint(tmp_path: Path) -> None:
    fit = fit_of(TrainConfig(**tiny_config(tmp_path, checkpoint_steps=2)), tmp_path / "fit")

    def spoil(state: Any, total: int, left: float) -> None:
        if state.step == 2:
            with torch.no_grad():
                fit.model.classifier.bias[3] = float("nan")

    fit.on_step = spoil
    with pytest.raises(NotFiniteError, match=r"classifier\.bias.*fit\.warmup"):
        fit.run()
    assert not (tmp_path / "fit").exists()


def test_gradients_that_are_not_finite_leave_the_weights_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fit = fit_of(TrainConfig(**tiny_config(tmp_path)), tmp_path)
    fit.model.classifier.bias.register_hook(lambda gradient: gradient * float("inf"))
    before = {name: tensor.clone() for name, tensor in fit.model.state_dict().items()}
    with pytest.raises(NotFiniteError, match=r"gradients.* at step 1 "):
        fit._step([0], 10)
    assert all(tensor.equal(before[name]) for name, tensor in fit.model.state_dict().items())


def test_logits_of_dev_documents_that_are_not_finite_stop_a_run(tmp_path: Path) -> None:
    fit = fit_of(TrainConfig(**tiny_config(tmp_path)), tmp_path)
    with torch.no_grad():
        fit.model.classifier.weight.fill_(3e38)
    with pytest.raises(NotFiniteError, match="logits"):
        fit.score()


def test_a_run_that_diverges_registers_nothing_and_is_called_failed(tmp_path: Path) -> None:
    config = TrainConfig(**tiny_config(tmp_path))
    weights = Path(config.encoder) / "model.safetensors"
    tensors = load_file(weights)
    huge = {name: tensor * 1e30 if tensor.ndim > 1 else tensor for name, tensor in tensors.items()}
    save_file(huge, weights, {"format": "pt"})
    with pytest.raises(NotFiniteError):
        train(config, watcher=Watcher())
    client = mlflow.MlflowClient(config.tracking.uri)
    (run,) = client.search_runs([client.get_experiment_by_name("conflict-events").experiment_id])
    assert run.info.status == "FAILED"
    assert not client.search_model_versions("name='conflict-events'")
    assert not list(Path(config.output).glob("*/model*"))


@pytest.mark.parametrize("value", INFINITE)
def test_encoder_with_weights_that_are_not_finite_is_refused(value: float, tmp_path: Path) -> None:
    config = TrainConfig(**tiny_config(tmp_path))
    weights = Path(config.encoder) / "model.safetensors"
    tensors = load_file(weights)
    tensors["embeddings.word_embeddings.weight"][7, 3] = value
    save_file(tensors, weights, {"format": "pt"})
    with pytest.raises(NotFiniteError, match=r"word_embeddings"):
        fit_of(config, tmp_path)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What an export needs, of an untrained model."""
    config = TrainConfig(**tiny_config(tmp_path_factory.mktemp("parts")))
    prepared = prepare(config)
    return {
        "model": new_model(config, prepared.schema),
        "tokenizer": prepared.tokenizer,
        "auto_tokenizer": prepared.auto_tokenizer,
        "schema": prepared.schema,
    }


@pytest.mark.parametrize("value", INFINITE)
def test_weights_that_are_not_finite_are_not_exported(value: float, parts: dict[str, Any], tmp_path: Path) -> None:
    bias = parts["model"].classifier.bias
    kept = bias.detach().clone()
    try:
        with torch.no_grad():
            bias[2] = value
        with pytest.raises(NotFiniteError, match=r"classifier\.bias"):
            export_model(tmp_path / "model", **parts, manifest=Manifest("m", 32, 8))
    finally:
        with torch.no_grad():
            bias.copy_(kept)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("side", ["torch", "onnx"])
@pytest.mark.parametrize("value", INFINITE)
def test_parity_fails_on_logits_that_are_not_finite(
    value: float, side: str, parts: dict[str, Any], tiny_model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = parts["model"]

    class Broken:
        def __init__(self, folder: Path) -> None:
            pass

        def __call__(self, ids: Any, mask: Any) -> Any:
            with torch.inference_mode():
                found = model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask)).logits.numpy()
            found = found.copy()
            found[0, 0, 0] = value
            return found

    if side == "onnx":
        monkeypatch.setattr(export, "OnnxBackend", Broken)
    else:
        plain = model.forward

        def forward(**inputs: Any) -> Any:
            output = plain(**inputs)
            output.logits = output.logits.clone()
            output.logits[0, 0, 0] = value
            return output

        monkeypatch.setattr(model, "forward", forward)
    with pytest.raises(ExportError, match=r"nan|inf"):
        check_parity(model, tiny_model_folder, 32)


@pytest.mark.parametrize("value", INFINITE)
@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("temperature", "temperature"),
        ("outside_weight", "outside_weight"),
        ("scores", r"scores\.dev\.f1"),
        ("training", r"training\.history\.0\.loss"),
    ],
)
def test_figures_that_are_not_finite_reach_no_manifest(
    key: str, place: str, value: float, parts: dict[str, Any], tmp_path: Path
) -> None:
    whole: dict[str, Any] = {"scores": {"dev": {"f1": value}}, "training": {"history": [{"loss": value}]}}
    manifest = Manifest("m", 32, 8, **{key: whole.get(key, value)})
    with pytest.raises(ModelError, match=place):
        export_model(tmp_path / "model", **parts, manifest=manifest)
    with pytest.raises(ModelError, match=place):
        write_manifest(tmp_path, manifest)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_manifest_with_such_a_figure_is_not_read(text: str, tiny_model_folder: Path, tmp_path: Path) -> None:
    import shutil

    folder = shutil.copytree(tiny_model_folder, tmp_path / "copy")
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"scores": {}', f'"scores": {{"dev": [{text}]}}'), encoding="utf-8")
    with pytest.raises(ModelError, match=r"scores\.dev\.0"):
        read_manifest(folder)


@pytest.mark.parametrize("backend", ["onnx", "torch"])
def test_a_model_that_computes_such_logits_answers_with_an_error(backend: str, tiny_model_folder: Path) -> None:
    model = Model(tiny_model_folder, backend=backend)
    inner = model._windowed.backend
    if backend == "torch":
        with torch.no_grad():
            inner._model.classifier.bias[0] = float("nan")  # type: ignore[attr-defined]
    else:

        class Session:
            def run(self, names: Any, inputs: Any) -> Any:
                return [np.full((*inputs["input_ids"].shape, 45), np.nan, dtype=np.float32)]

        inner._session = Session()  # type: ignore[attr-defined]
    with pytest.raises(ModelError, match="nan or infinite"):
        model.predict("Gunmen fired.")
