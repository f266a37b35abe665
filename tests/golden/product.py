"""All of the product that the frozen outputs are made with: the only imports to change when its modules move.

The models are tables: the logits of a sub-word are the sum of what the table says of it and of its neighbours, and the
table is counted from annotated documents. So predictions are rich, and the same on every processor, as nothing is
trained.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import numpy.typing as npt
from mlflow import MlflowClient
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from typer.main import get_command
from typer.testing import CliRunner, Result

from annotations import Document, Schema, load_schema, read_documents
from annotations.formats.jsonl import write_documents
from inference.manifest import Manifest, write_manifest
from tests.registered import NAME, register
from training.cli.app import app
from training.cli.terminal import err, out
from training.provenance import data_digest

__all__ = [
    "NAME",
    "Document",
    "MlflowClient",
    "commands",
    "err",
    "leave_store",
    "left_in_store",
    "load_schema",
    "model_folder",
    "out",
    "read_documents",
    "register",
    "run",
    "store",
    "told",
    "write_documents",
]

_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
_UNKNOWN, _BEGIN, _END = 1, 2, 3
_SMOOTHING = 0.02  # added to each count
_OF_MLFLOW = ("mlflow.user", "mlflow.source", "mlflow.runName")  # tags that tell of the machine, or twice
_SHARPNESS = np.array([0.3, 0.9, 0.3])  # how much the word in front, the word itself and the word behind weigh


def run(*words: str, code: int = 0) -> Result:
    """Run a command of the command line in this process.

    Raises:
        AssertionError: It ended with another exit code.
    """
    result = CliRunner().invoke(app, words)
    if result.exit_code != code:
        raise AssertionError(f"{words} ended with {result.exit_code}: {result.output}") from result.exception
    return result


def commands() -> dict[str, dict[str, Any]]:
    """The arguments and options of every command, by its name."""

    def walk(command: Any, name: str) -> dict[str, dict[str, Any]]:
        own = {
            parameter.name: {
                "names": sorted([*parameter.opts, *parameter.secondary_opts]) if "--" in parameter.opts[0] else [],
                "required": parameter.required,
                "many": parameter.multiple or parameter.nargs != 1,
                "default": None if callable(parameter.default) else parameter.default,
            }
            for parameter in command.params
        }
        found = {name: own}
        for word, inner in getattr(command, "commands", {}).items():
            found |= walk(inner, f"{name} {word}".strip())
        return found

    return walk(get_command(app), "")


def model_folder(folder: Path, documents: Sequence[Document], name: str, **values: Any) -> Path:
    """Write a model folder whose table is counted from documents.

    Args:
        folder: The folder to make.
        documents: What is counted.
        name: Name of the model.
        values: Other values of the manifest.
    """
    schema = load_schema()
    tokenizer = _tokenizer(documents)
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "schema.yaml").write_text(schema.to_yaml(), encoding="utf-8")
    config = {
        "model_type": "bert",
        "architectures": ["BertForTokenClassification"],
        "vocab_size": tokenizer.get_vocab_size(),
        "max_position_embeddings": 128,
        "id2label": {str(number): tag for number, tag in enumerate(schema.tags)},
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    _write_onnx(folder / "model.onnx", _table(tokenizer, documents, schema))
    write_manifest(folder, Manifest(name=name, window=48, overlap=12, **values))
    return folder


def told(documents: Sequence[Document], file: str) -> Mapping[str, Any]:
    """What a manifest tells of a training on documents of a data file, so that they are found again."""
    return {
        "config": {"data": {"train": [file]}},
        "data_digest": {"train": data_digest(documents)},
        "train_texts": sorted(document.sha256 for document in documents),
        "dev_texts": [],
    }


def _tokenizer(documents: Sequence[Document]) -> Tokenizer:
    pieces = pre_tokenizers.BertPreTokenizer()
    words = {word.lower() for document in documents for word, _ in pieces.pre_tokenize_str(document.text)}
    vocabulary = {word: number for number, word in enumerate([*_SPECIAL, *sorted(words)])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pieces
    tokenizer.add_special_tokens(_SPECIAL)
    ends = [("[CLS]", _BEGIN), ("[SEP]", _END)]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    return tokenizer


def _table(tokenizer: Tokenizer, documents: Sequence[Document], schema: Schema) -> npt.NDArray[np.float32]:
    """Logits (place, sub-word, tag): of the sub-word in front, of the sub-word itself, of the one behind."""
    counts = np.zeros((3, tokenizer.get_vocab_size(), len(schema.tags)))
    seen: Counter[int] = Counter()
    for document in documents:
        encoding = tokenizer.encode(document.text)
        tags = [_tag(start, end, document, schema) for start, end in encoding.offsets]
        seen.update(encoding.ids)
        for at in range(1, len(tags) - 1):
            for place in range(3):
                counts[place, encoding.ids[at + place - 1], tags[at]] += 1
    counts[1, [word for word, count in seen.items() if count == 1]] *= 0.8  # rare words tell less
    counts[1, _UNKNOWN, 0] += 1
    shares = counts + _SMOOTHING
    shares /= shares.sum(axis=2, keepdims=True)
    logits: npt.NDArray[np.float32] = np.round(np.log(shares) * _SHARPNESS[:, None, None], 3).astype(np.float32)
    return logits


def _tag(start: int, end: int, document: Document, schema: Schema) -> int:
    for span in document.spans:
        if span.start <= start < end <= span.end:
            name = f"{span.label}:{span.type}" if span.type else span.label
            return schema.tags.index(f"{'B' if start == span.start else 'I'}-{name}")
    return 0


def _write_onnx(path: Path, table: npt.NDArray[np.float32]) -> None:
    from onnx import TensorProto, checker, helper, numpy_helper, save

    names = ["front", "itself", "behind"]
    constants = [numpy_helper.from_array(rows, name) for rows, name in zip(table, names, strict=True)]
    for name, value in {"one": [1], "zero": [0], "last": [-1], "far": [2**31], "axis": [1]}.items():
        constants.append(numpy_helper.from_array(np.array(value, dtype=np.int64), name))
    constants.append(numpy_helper.from_array(np.array([0, 1, 0, 0], dtype=np.int64), "pad_front"))
    constants.append(numpy_helper.from_array(np.array([0, 0, 0, 1], dtype=np.int64), "pad_behind"))
    nodes = [
        helper.make_node("Slice", ["input_ids", "zero", "last", "axis"], ["but_last"]),
        helper.make_node("Slice", ["input_ids", "one", "far", "axis"], ["but_first"]),
        helper.make_node("Pad", ["but_last", "pad_front"], ["ids_front"]),
        helper.make_node("Pad", ["but_first", "pad_behind"], ["ids_behind"]),
        helper.make_node("Gather", ["front", "ids_front"], ["logits_front"]),
        helper.make_node("Gather", ["itself", "input_ids"], ["logits_itself"]),
        helper.make_node("Gather", ["behind", "ids_behind"], ["logits_behind"]),
        helper.make_node("Add", ["logits_front", "logits_itself"], ["both"]),
        helper.make_node("Add", ["both", "logits_behind"], ["logits"]),
    ]
    given = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask")
    ]
    made = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "length", table.shape[2]])
    graph = helper.make_graph(nodes, "table", given, [made], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    checker.check_model(model)
    save(model, str(path))


def store(folder: Path) -> MlflowClient:
    """Make an empty store in a folder and set MLflow to it."""
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    return MlflowClient()


def leave_store() -> None:
    """Take back what `store` has set."""
    mlflow.set_tracking_uri(None)  # type: ignore[arg-type]  # as before it was set


def left_in_store(client: MlflowClient) -> Mapping[str, Any]:
    """Everything that commands have left in a store: runs in order of their start, versions and their aliases."""
    experiments = {one.experiment_id: one.name for one in client.search_experiments()}
    found = client.search_runs(list(experiments), order_by=["attributes.start_time"])
    return {
        "experiments": sorted(experiments.values()),
        "runs": [
            {
                "experiment": experiments[one.info.experiment_id],
                "name": one.info.run_name,
                "status": one.info.status,
                "params": dict(one.data.params),
                "metrics": dict(one.data.metrics),
                "tags": {key: value for key, value in one.data.tags.items() if not key.startswith(_OF_MLFLOW)},
                "artifacts": sorted(_artifacts(client, one.info.run_id, "")),
                "inputs": [
                    {"name": entry.dataset.name, "tags": {tag.key: tag.value for tag in entry.tags}}
                    for entry in (one.inputs.dataset_inputs if one.inputs else ())
                ],
            }
            for one in found
        ],
        "versions": [
            {"version": one.version, "tags": dict(one.tags), "description": one.description}
            for one in sorted(client.search_model_versions(f"name='{NAME}'"), key=lambda one: int(one.version))
        ],
        "aliases": dict(client.get_registered_model(NAME).aliases),
        "model tags": dict(client.get_registered_model(NAME).tags),
    }


def _artifacts(client: MlflowClient, run_id: str, folder: str) -> list[str]:
    found = []
    for item in client.list_artifacts(run_id, folder):
        found += _artifacts(client, run_id, item.path) if item.is_dir else [item.path]
    return found
