"""Folders made to harm: code, pickles, links and tensors from elsewhere are refused by name, before anything loads."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import load_file, save_file

from annotations import load_schema
from inference import Model, ModelError
from inference.contents import external_files
from inference.manifest import sha256_of
from tests.tiny import encoder
from training.config import TrainConfig
from training.fit.encoders import EncoderError
from training.fit.prepare import check_encoder
from training.fit.starting import load_tokenizer, new_model

CODE = "from pathlib import Path\nPath({mark!r}).write_text('ran')\nraise SystemExit('ran')\n"
BACKENDS = ["onnx", "torch"]


@pytest.fixture
def folder(tiny_model_folder: Path, tmp_path: Path) -> Path:
    """A copy of the model folder that a test may spoil."""
    return Path(shutil.copytree(tiny_model_folder, tmp_path / "copy"))


@pytest.fixture
def plain_encoder(tmp_path: Path) -> Path:
    return encoder(tmp_path / "encoder")


def sign(folder: Path, **extra: str) -> None:
    """Write the true hashes of all files into the manifest, as somebody would who means harm."""
    path = folder / "manifest.json"
    files = {f.name: sha256_of(f) for f in folder.iterdir() if f.is_file() and f != path}
    values = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**values, "files": {**files, **extra}}), encoding="utf-8")


def edit(path: Path, **values: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **values}), encoding="utf-8")


def add_code(folder: Path, mark: Path) -> None:
    """Let a folder bring code of its own that leaves a mark where it is run."""
    (folder / "modeling_own.py").write_text(CODE.format(mark=str(mark)), encoding="utf-8")
    names = {f"Auto{kind}": f"modeling_own.{kind}" for kind in ("Config", "Model", "ModelForTokenClassification")}
    edit(folder / "config.json", auto_map=names, model_type="own")


def refused(folder: Path, match: str) -> None:
    for backend in BACKENDS:
        with pytest.raises(ModelError, match=match):
            Model(folder, backend=backend)


def use_encoder(folder: Path) -> None:
    """What training does with an encoder before its first step."""
    config = TrainConfig(encoder=str(folder), data={"train": ["none"], "window": 64, "overlap": 16})
    check_encoder(config, load_tokenizer(str(folder)).backend_tokenizer)
    new_model(config, load_schema())


@pytest.mark.parametrize("listed", [True, False])
def test_model_folder_with_code_of_its_own(folder: Path, tmp_path: Path, listed: bool) -> None:
    add_code(folder, tmp_path / "mark")
    if listed:
        sign(folder)
    refused(folder, r"modeling_own\.py")
    (folder / "modeling_own.py").unlink()
    sign(folder)
    refused(folder, r"config\.json.*auto_map")
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("auto_map", {"AutoConfig": "someone/repository--configuration.Own"}),
        ("auto_map", ["tokenization.Own", None]),
        ("inner", {"auto_map": {"AutoModel": "m.M"}}),
        ("attn_implementation", "someone/kernels"),
        ("_attn_implementation", {"": "someone/kernels"}),
        ("transformers_weights", "../weights.safetensors"),
        ("transformers_weights", "/etc/weights.safetensors"),
        ("transformers_weights", "weights.bin"),
        ("transformers_weights", 3),
    ],
)
def test_setting_that_leads_out_is_refused_by_name(
    folder: Path, plain_encoder: Path, name: str, key: str, value: Any
) -> None:
    wanted = rf"{name.replace('.', '[.]')}.*{'auto_map' if key == 'inner' else key}"
    edit(folder / name, **{key: value})
    sign(folder)
    refused(folder, wanted)
    edit(plain_encoder / name, **{key: value})
    with pytest.raises(EncoderError, match=wanted):
        use_encoder(plain_encoder)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "weights.pt", "model.pkl", "tf_model.h5", "run.sh", "lib.so"])
def test_model_folder_with_files_of_other_kinds(folder: Path, tmp_path: Path, name: str) -> None:
    (folder / name).write_bytes(pickle.dumps(_Bomb(str(tmp_path / "mark"))))
    sign(folder)
    refused(folder, name.replace(".", r"\."))
    assert not (tmp_path / "mark").exists()


class _Bomb:
    def __init__(self, mark: str) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (Path(self.mark),)


def test_encoder_with_pickled_weights_only(plain_encoder: Path, tmp_path: Path) -> None:
    (plain_encoder / "pytorch_model.bin").write_bytes(pickle.dumps(_Bomb(str(tmp_path / "mark"))))
    use_encoder(plain_encoder)  # beside safetensors they are not read
    (plain_encoder / "model.safetensors").unlink()
    with pytest.raises(EncoderError, match=r"pytorch_model\.bin"):
        use_encoder(plain_encoder)
    assert not (tmp_path / "mark").exists()


def test_encoder_with_code_of_its_own_on_a_terminal(plain_encoder: Path, tmp_path: Path) -> None:
    """transformers would ask whether to run it."""
    add_code(plain_encoder, tmp_path / "mark")
    with pytest.raises(EncoderError, match=r"config\.json.*auto_map"):
        use_encoder(plain_encoder)
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize("target", ["outside.safetensors", "nowhere", "folder"])
@pytest.mark.parametrize("name", ["model.safetensors", "model.onnx", "config.json", "more.json"])
def test_link_out_of_a_folder(folder: Path, plain_encoder: Path, tmp_path: Path, name: str, target: str) -> None:
    outside = tmp_path / target
    if target == "folder":
        outside.mkdir()
    elif target != "nowhere":
        shutil.copy(folder / "model.safetensors", outside)
    for path in (folder / name, plain_encoder / name):
        path.unlink(missing_ok=True)
        path.symlink_to(outside)
    sign(folder, **{name: "0" * 64})
    refused(folder, name.replace(".", r"\."))
    with pytest.raises(EncoderError, match=rf"{name.replace('.', '[.]')} is a link to .*{target}"):
        use_encoder(plain_encoder)


def test_link_within_a_folder_and_a_snapshot_of_the_hub_are_read(folder: Path, plain_encoder: Path) -> None:
    (folder / "same.json").symlink_to(folder / "config.json")
    sign(folder)
    assert Model(folder).name == "tiny"
    cache = plain_encoder.parent / "models--me--mine"
    (cache / "blobs").mkdir(parents=True)
    (cache / "snapshots" / "c0ffee").mkdir(parents=True)
    for path in plain_encoder.iterdir():
        digest = hashlib.sha256(path.name.encode()).hexdigest()
        path.rename(cache / "blobs" / digest)
        (cache / "snapshots" / "c0ffee" / path.name).symlink_to(f"../../blobs/{digest}")
    use_encoder(cache / "snapshots" / "c0ffee")


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_refused_although_listed(folder: Path, make: Callable[[Path], None]) -> None:
    make(folder / "more.json")
    sign(folder, **{"more.json": "0" * 64})
    refused(folder, r"more\.json")


@pytest.mark.parametrize("name", ["../outside.json", "/etc/hostname.json", "a/b.json", "..", "", "a\\b.json"])
def test_listed_name_that_is_a_path(folder: Path, name: str) -> None:
    sign(folder, **{name: "0" * 64})
    refused(folder, r"manifest\.json lists ")


@pytest.mark.parametrize("name", ["../out.safetensors", "/tmp/out.safetensors", "part.bin", "a/b.safetensors", 3])
def test_index_of_shards_that_points_elsewhere(folder: Path, plain_encoder: Path, tmp_path: Path, name: Any) -> None:
    shutil.copy(folder / "model.safetensors", tmp_path / "out.safetensors")
    for place in (folder, plain_encoder):
        (place / "model.safetensors").unlink()
        index = {"metadata": {}, "weight_map": {"classifier.bias": name}}
        (place / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    sign(folder)
    refused(folder, r"model\.safetensors\.index\.json")
    with pytest.raises(EncoderError, match=r"model\.safetensors\.index\.json"):
        use_encoder(plain_encoder)


def test_shards_in_the_folder_are_read(plain_encoder: Path) -> None:
    tensors = load_file(plain_encoder / "model.safetensors")
    (plain_encoder / "model.safetensors").unlink()
    names = sorted(tensors)
    shards = {"model-00001-of-00002.safetensors": names[::2], "model-00002-of-00002.safetensors": names[1::2]}
    for shard, part in shards.items():
        save_file({name: tensors[name] for name in part}, plain_encoder / shard, {"format": "pt"})
    index = {"metadata": {}, "weight_map": {name: shard for shard, part in shards.items() for name in part}}
    (plain_encoder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    use_encoder(plain_encoder)
    (plain_encoder / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(EncoderError, match="model-00002-of-00002"):
        use_encoder(plain_encoder)


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 100_000, b"\xff", b'{"weight_map": 3}', b"[]"])
@pytest.mark.parametrize("name", ["config.json", "model.safetensors.index.json"])
def test_settings_that_cannot_be_read(folder: Path, plain_encoder: Path, name: str, content: bytes) -> None:
    for place in (folder, plain_encoder):
        (place / name).write_bytes(content)
    sign(folder)
    refused(folder, name.split(".", maxsplit=1)[0])
    with pytest.raises(EncoderError):
        use_encoder(plain_encoder)


@pytest.mark.parametrize("content", [b"", b"no tensors", b"\xff" * 100])
@pytest.mark.parametrize("name", ["model.onnx", "model.safetensors", "tokenizer.json"])
def test_damaged_file_that_the_manifest_agrees_with(
    folder: Path, plain_encoder: Path, name: str, content: bytes
) -> None:
    (folder / name).write_bytes(content)
    sign(folder)
    with pytest.raises(ModelError):
        Model(folder, backend="torch" if name == "model.safetensors" else "onnx")
    if name != "model.onnx":
        (plain_encoder / name).write_bytes(content)
        with pytest.raises(EncoderError, match="encoder"):
            use_encoder(plain_encoder)


def test_adapter_that_names_another_model(folder: Path, plain_encoder: Path) -> None:
    for place in (folder, plain_encoder):
        (place / "adapter_config.json").write_text('{"base_model_name_or_path": "someone/model"}', encoding="utf-8")
    sign(folder)
    refused(folder, r"adapter_config\.json")
    with pytest.raises(EncoderError, match=r"adapter_config\.json"):
        use_encoder(plain_encoder)


def external(folder: Path, location: str) -> None:
    """Move the first large tensor of a model to another file."""
    model = onnx.load(str(folder / "model.onnx"))
    tensor = max(model.graph.initializer, key=lambda one: len(one.raw_data))
    (folder / "weights.data").write_bytes(tensor.raw_data)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    (folder / "model.onnx").write_bytes(model.SerializeToString())


@pytest.mark.parametrize("location", ["../weights.data", "{outside}", "sub/../../weights.data", "", "."])
def test_tensors_out_of_the_folder(folder: Path, tmp_path: Path, location: str) -> None:
    external(folder, location.format(outside=tmp_path / "weights.data"))
    (folder / "weights.data").rename(tmp_path / "weights.data")
    sign(folder)
    refused(folder, r"model\.onnx takes tensors from")


def test_tensors_in_a_listed_file_of_the_folder_are_read(folder: Path) -> None:
    before = Model(folder).predict("Gunmen opened fire at a market.")
    external(folder, "weights.data")
    sign(folder)
    assert Model(folder).predict("Gunmen opened fire at a market.") == before
    (folder / "weights.data").unlink()
    sign(folder)
    refused(folder, r"weights\.data, which is missing")


def tensor_elsewhere() -> TensorProto:
    tensor = numpy_helper.from_array(np.zeros((2, 2), np.float32), "w")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="length", value="16")
    tensor.external_data.add(key="location", value="../elsewhere")
    return tensor


def graph(*nodes: Any, initializers: Any = ()) -> Any:
    return helper.make_graph(list(nodes), "g", [], [helper.make_tensor_value_info("y", 1, [2, 2])], list(initializers))


def _models() -> dict[str, Any]:
    constant = helper.make_node("Constant", [], ["y"], value=tensor_elsewhere())
    branch = helper.make_node("If", ["c"], ["y"], then_branch=graph(constant), else_branch=graph(constant))
    sparse = helper.make_sparse_tensor(tensor_elsewhere(), numpy_helper.from_array(np.zeros(2, np.int64)), [2, 2])
    with_sparse = graph()
    with_sparse.sparse_initializer.append(sparse)
    function = helper.make_function("own", "f", [], ["y"], [constant], [helper.make_opsetid("", 18)])
    return {
        "initializer": helper.make_model(graph(initializers=[tensor_elsewhere()])),
        "node": helper.make_model(graph(constant)),
        "branch": helper.make_model(graph(branch)),
        "sparse": helper.make_model(with_sparse),
        "function": helper.make_model(graph(), functions=[function]),
    }


@pytest.mark.parametrize("kind", sorted(_models()))
def test_tensors_from_elsewhere_are_found_wherever_they_stand(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(_models()[kind].SerializeToString())
    assert external_files(path) == {"../elsewhere"}


@given(st.binary(max_size=200))
def test_bytes_that_are_no_onnx_file_never_do_more_than_raise(content: bytes) -> None:
    path = Path("random.onnx")
    path.write_bytes(content)
    with suppress(ValueError):
        external_files(path)


@given(st.integers(0, 5000))
def test_a_cut_onnx_file_is_no_onnx_file_or_names_a_part(cut: int) -> None:
    path = Path("cut.onnx")
    whole = _models()["branch"].SerializeToString()
    path.write_bytes(whole[: cut % len(whole)])
    with suppress(ValueError):
        assert external_files(path) <= {"../elsewhere"}


def test_weights_that_lack_a_part_are_not_filled_with_random_numbers(folder: Path, plain_encoder: Path) -> None:
    for place, prefix in ((folder, "bert."), (plain_encoder, "")):
        tensors = load_file(place / "model.safetensors")
        del tensors[f"{prefix}encoder.layer.0.output.dense.weight"]
        save_file(tensors, place / "model.safetensors", {"format": "pt"})
    sign(folder)
    with pytest.raises(ModelError, match=r"layer\.0\.output\.dense\.weight"):
        Model(folder, backend="torch")
    with pytest.raises(EncoderError, match=r"layer\.0\.output\.dense\.weight"):
        use_encoder(plain_encoder)


def test_every_call_that_loads_says_how() -> None:
    """No code but transformers' own, no weights but safetensors, wherever something is loaded."""
    root = Path(__file__).resolve().parents[2]
    calls = []
    for package in ("annotations", "inference", "training"):
        for path in (root / package).rglob("*.py"):
            for part in path.read_text(encoding="utf-8").split(".from_pretrained(")[1:]:
                calls.append((path.name, part.split("\n    return")[0][:400]))
    assert len(calls) == 4
    assert all("trust_remote_code=False" in call for _, call in calls), calls


def test_served_model_refuses_a_folder_with_code(folder: Path, tmp_path: Path) -> None:
    add_code(folder, tmp_path / "mark")
    (folder / "modeling_own.py").unlink()
    sign(folder)
    code = (
        "import sys\nfrom types import SimpleNamespace\n"
        "from training.store.pyfunc_model import ConflictEventsModel\n"
        "ConflictEventsModel().load_context(SimpleNamespace(artifacts={'model': sys.argv[1]}))\n"
    )
    result = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False)
    assert "ModelError" in result.stderr
    assert "auto_map" in result.stderr
