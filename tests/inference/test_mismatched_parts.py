"""Model folders whose parts do not fit each other, every hash being right."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from onnx import numpy_helper
from tokenizers import Tokenizer

from annotations import load_schema
from inference import Model, ModelError
from inference.manifest import Manifest, check_values, parse_manifest
from tests.inference.test_hostile_folders import edit, refused, sign
from tests.tiny import config as tiny_config
from training.config import TrainConfig
from training.fit.encoders import EncoderError
from training.fit.prepare import prepare
from training.store.registry import RegistryError, Version, read_model_files

HUGE = 10**400


@pytest.fixture
def folder(tiny_model_folder: Path, tmp_path: Path) -> Path:
    """A copy of the model folder that a test may spoil."""
    return Path(shutil.copytree(tiny_model_folder, tmp_path / "copy"))


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("window", [0, -1, 3, 15, 10**9, HUGE, 32.0, 32.5, "32", None, True, [], {}, float("nan"), float("inf")]),
        ("overlap", [-1, 16, 31, 32, 10**9, HUGE, 8.0, "8", None, False, [8], float("nan")]),
        ("temperature", [0, -1.0, 1e-9, 1e9, HUGE, "1", None, True, [1.0], float("nan"), float("inf"), -0.0]),
        ("outside_weight", [0, -1.0, 1e-9, 1e9, 1e300, HUGE, "1", None, True, {}, float("nan"), float("-inf")]),
        ("name", ["", None, 3, ["tiny"]]),
        ("training", [None, [], "x", {"loss": float("nan")}, {"history": [{"loss": float("inf")}]}]),
        ("scores", [None, 0.5, {"dev": {"f1": float("nan")}}]),
        ("files", [None, [], {"config.json": None}, {"config.json": "0"}, {"config.json": "Z" * 64}]),
        ("format", [None, "1", 1.5, 0, [1]]),
        ("colour", ["red"]),
    ],
)
def test_value_that_no_manifest_may_have_is_refused_by_its_key(folder: Path, key: str, values: list[Any]) -> None:
    path = folder / "manifest.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    for value in values:
        path.write_text(json.dumps({**whole, key: value}), encoding="utf-8")
        with pytest.raises(ModelError, match=rf"manifest\.json.*{key}"):
            Model(folder)


def test_unknown_key_comes_with_the_nearest_known_one(folder: Path) -> None:
    edit(folder / "manifest.json", temprature=1.0)
    with pytest.raises(ModelError, match=r"temprature.*'temperature'"):
        Model(folder)


@given(
    st.dictionaries(
        st.sampled_from([*Manifest.__dataclass_fields__, "x"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=5,
        ),
    )
)
def test_no_manifest_is_read_that_could_not_be_written(values: dict[str, Any]) -> None:
    try:
        found = parse_manifest(json.dumps(values).encode(), "m")
    except ModelError:
        return
    check_values(found.values(), "m")
    assert parse_manifest(found.to_json().encode(), "m") == found


@pytest.mark.parametrize("content", [b"[" * 100_000, b"{" * 3, b"\xff\xfe", b"3", b'"x"'])
def test_bytes_that_are_no_manifest(content: bytes) -> None:
    with pytest.raises(ModelError, match=r"^m/manifest\.json cannot be read"):
        parse_manifest(content, "m/manifest.json")


def spoil_schema(folder: Path, change: str) -> None:
    path = folder / "schema.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    labels = content["labels"]
    names = list(labels)
    if change == "fewer":
        del labels[names[-1]]
    elif change == "more":
        labels["MOTIVE"] = {
            "role": labels.pop(names[-1])["role"],
            "definition": "why",
            "types": {"a": {"definition": "b"}},
        }
    elif change == "reordered":
        content["labels"] = {name: labels[name] for name in [*names[:-2], names[-1], names[-2]]}
    elif change == "renamed":
        content["labels"] = {("PLACE" if name == names[-1] else name): label for name, label in labels.items()}
    else:
        types = labels[content["trigger"]]["types"]
        labels[content["trigger"]]["types"] = dict(reversed(types.items()))
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


@pytest.mark.parametrize("change", ["fewer", "more", "reordered", "renamed", "types reordered"])
def test_schema_that_is_not_the_models(folder: Path, change: str) -> None:
    spoil_schema(folder, change)
    sign(folder)
    refused(folder, r"config\.json and schema\.yaml differ: .*number \d+ is ")


@pytest.mark.parametrize("named", [None, {}, [], {"0": "O"}, {"zero": "O"}, "O"])
def test_config_without_the_models_labels(folder: Path, named: Any) -> None:
    edit(folder / "config.json", id2label=named)
    sign(folder)
    refused(folder, "id2label")


def test_model_with_other_columns_than_config_and_schema_say(folder: Path) -> None:
    spoil_schema(folder, "fewer")
    content = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    tags = load_schema(folder / "schema.yaml").tags
    edit(
        folder / "config.json",
        id2label={str(number): tag for number, tag in enumerate(tags)},
        label2id={tag: number for number, tag in enumerate(tags)},
    )
    sign(folder)
    with pytest.raises(ModelError, match=rf"{len(content['id2label'])} columns.*{len(tags)} tags"):
        Model(folder)
    with pytest.raises(ModelError):  # transformers will not put the weights into a head of that size
        Model(folder, backend="torch")


def grow(path: Path) -> int:
    """Add sub-words to a tokenizer; return its last number."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.add_tokens(["kalashnikov", "bombardment"])
    tokenizer.save(str(path))
    return max(tokenizer.get_vocab().values())


def test_tokenizer_with_more_sub_words_than_the_model_knows(folder: Path, tmp_path: Path) -> None:
    last = grow(folder / "tokenizer.json")
    sign(folder)
    refused(folder, rf"up to number {last}.*vocab_size of {last - 1}")
    edit(folder / "config.json", vocab_size=last + 1)  # the tensors are as they were
    sign(folder)
    for backend in ("onnx", "torch"):
        with pytest.raises(ModelError):
            Model(folder, backend=backend)
    settings = tiny_config(tmp_path)
    last = grow(Path(settings["encoder"]) / "tokenizer.json")
    with pytest.raises(EncoderError, match=rf"up to number {last}.*vocab_size of {last - 1}"):
        prepare(TrainConfig(**settings))


def test_window_beyond_the_positions(folder: Path) -> None:
    edit(folder / "manifest.json", window=129)
    refused(folder, "window of 129.*128")
    edit(folder / "config.json", max_position_embeddings=512)
    edit(folder / "manifest.json", window=256)
    sign(folder)
    for backend in ("onnx", "torch"):
        with pytest.raises(ModelError):
            Model(folder, backend=backend)


def test_overlap_that_special_tokens_leave_no_room_for(folder: Path) -> None:
    edit(folder / "manifest.json", window=32, overlap=15)
    assert Model(folder).overlap == 15
    content = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    single = content["post_processor"]["single"]
    content["post_processor"]["single"] = [single[0], single[0], *single]
    (folder / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    sign(folder)
    refused(folder, "overlap of 15")


def test_weights_of_nan_are_found_at_load(folder: Path) -> None:
    model = onnx.load(str(folder / "model.onnx"))
    bias = next(one for one in model.graph.initializer if one.name.endswith("classifier.bias"))
    values = numpy_helper.to_array(bias).copy()
    values[3] = np.nan
    bias.CopyFrom(numpy_helper.from_array(values, bias.name))
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    sign(folder)
    with pytest.raises(ModelError, match="nan or infinite"):
        Model(folder)


def test_graph_with_other_names_is_refused(folder: Path) -> None:
    model = onnx.load(str(folder / "model.onnx"))
    for node in model.graph.node:
        node.output[:] = ["scores" if name == "logits" else name for name in node.output]
    model.graph.output[0].name = "scores"
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    sign(folder)
    with pytest.raises(ModelError, match="cannot be run"):
        Model(folder)


def test_lineage_tells_of_a_manifest_with_a_wrong_value(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    edit(folder / "manifest.json", temperature=-1)
    files = {"MLmodel": tmp_path / "MLmodel", "artifacts/manifest.json": folder / "manifest.json"}
    described = {"flavors": {"python_function": {"artifacts": {"model": {"path": "artifacts"}}}}}
    files["MLmodel"].write_text(yaml.safe_dump(described), encoding="utf-8")
    monkeypatch.setattr("training.store.registry.fetch", lambda version, path, folder: files[path])
    with pytest.raises(RegistryError, match="temperature"):
        read_model_files(Version(3, "", (), {}, "conflict-events", datetime.now(UTC)))
