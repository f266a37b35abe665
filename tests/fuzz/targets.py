"""One target for each reader: bytes in, success or an error of this project out; anything else is a fault."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from annotations import DataError, Document, load_schema, read_documents, write_documents
from annotations.export import export
from annotations.importers import conll
from annotations.io.config_files import find_config
from annotations.label_studio.exports import export_tasks, read_export
from annotations.text.words import words
from annotations.validate import validate
from inference import Model
from inference.inputs import Reader, read_articles, scan_inputs
from inference.manifest import ModelError
from tests.fuzz.inputs import Render, as_json, as_json_lines, inputs
from tests.tiny import documents, model_folder
from training.config import load_config

SCHEMA = load_schema()


@dataclass(frozen=True, slots=True)
class Target:
    """A reader to try.

    Args:
        run: Takes an input; raises where the reader breaks its promise.
        seeds: Sound inputs as bytes.
        values: Sound inputs as values.
        render: Writes a value as bytes.
        examples: How many inputs the tests try.
    """

    run: Callable[[bytes], None]
    seeds: Sequence[bytes] = ()
    values: Sequence[Any] = ()
    render: Render = as_json
    examples: int = 80

    def inputs(self) -> st.SearchStrategy[bytes]:
        """Inputs to try."""
        return inputs(self.seeds, self.values, self.render)


@contextmanager
def written(data: bytes, name: str) -> Iterator[Path]:
    """The input as a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        yield path


def keys(document: Document) -> list[tuple[Any, ...]]:
    """What CoNLL keeps of spans."""
    return [(span.start, span.end, span.label, span.type) for span in document.spans]


def read_conll(data: bytes) -> None:
    """Documents that are read are written and come back, from CoNLL with the words and spans that they had."""
    with written(data, "a.conll") as path, suppress(DataError):
        found = conll.read(path).documents
        _comes_back(found, path.parent)
        with suppress(DataError):  # a mention that begins with a quotation mark is read and not written
            export("conll", found, path, SCHEMA)
            again = conll.read(path).documents
            assert [(one.id, keys(one)) for one in again] == [(one.id, keys(one)) for one in found]
            for one, other in zip(found, again, strict=True):
                edges = words(one.text)
                assert [one.text[a:b] for a, b in edges] == [other.text[a:b] for a, b in words(other.text)]
                assert edges == words(other.text)


def _comes_back(found: Sequence[Document], folder: Path) -> None:
    write_documents(folder / "back.jsonl", found)
    assert read_documents(folder / "back.jsonl") == sorted(found, key=lambda document: document.id)


def read_json_lines(data: bytes) -> None:
    """Documents that are read come back; `validate`, `predict` and `annotate` read the same file to its end."""
    with written(data, "a.jsonl") as path:
        list(scan_inputs([str(path)], Reader(io.BytesIO())))
        report = validate([path], SCHEMA)
        try:
            found = read_documents(path)
        except DataError:
            assert report.faults or report.left_out
            return
        _comes_back(found, path.parent)
        assert read_articles([str(path)]) == found


def read_config(data: bytes) -> None:
    """A config."""
    with written(data, "a.yaml") as path, suppress(DataError):
        load_config(path)


def read_schema(data: bytes) -> None:
    """A schema that is read comes back."""
    with written(data, "a.yaml") as path, suppress(DataError):
        schema = load_schema(path)
        path.write_text(schema.to_yaml(), encoding="utf-8")
        assert load_schema(path) == schema


def read_label_studio(data: bytes) -> None:
    """Documents that are read from an export come back as JSON Lines."""
    with written(data, "a.json") as path, suppress(DataError):
        labelled = read_export(path, SCHEMA)
        for annotator, found in labelled.by_annotator().items():
            assert annotator
            _comes_back(list({document.id: document for document in found}.values()), path.parent)


_FOLDER = tempfile.TemporaryDirectory(prefix="fuzz-")  # is gone at the end of the process
_SEPARATOR = b"\n===\n"


def read_model_folder(data: bytes) -> None:
    """A manifest and, behind a line '===', the schema; where the manifest says SCHEMA, it has the schema's hash."""
    manifest, _, schema = data.partition(_SEPARATOR)
    with tempfile.TemporaryDirectory() as folder, suppress(DataError, ModelError):
        copy = Path(folder) / "model"
        shutil.copytree(_model(), copy)
        (copy / "schema.yaml").write_bytes(schema)
        digest = hashlib.sha256(schema).hexdigest().encode()
        (copy / "manifest.json").write_bytes(manifest.replace(b"SCHEMA", digest))
        Model(copy).predict("Gunmen opened fire at a market, killing 12 traders. " * 5)


@cache
def _model() -> Path:
    return model_folder(Path(_FOLDER.name))


def _model_seed(value: Any) -> bytes:
    manifest, schema = (*value, None)[:2] if isinstance(value, list) and value else (value, None)
    return as_json(manifest) + _SEPARATOR + as_json(schema)


@cache
def _targets() -> dict[str, Target]:
    made = documents(3)
    tasks = [
        {
            "id": number,
            "data": task["data"],
            "annotations": [
                {"id": number + 7, "completed_by": {"email": "a@b.org"}, "result": task["predictions"][0]["result"]},
                {"id": number + 8, "completed_by": 3, "was_cancelled": True, "result": []},
            ],
        }
        for number, task in enumerate(export_tasks(made[:2], SCHEMA))
    ]
    config = yaml.safe_load(find_config("default").read_text(encoding="utf-8"))
    schema = yaml.safe_load(find_config("events", "schema").read_text(encoding="utf-8"))
    numbered = (
        b"# newdoc id = d1\n1\tTwo\tS-TOLL:killed\n2-3\tdel\t_\n2\tde\tO\n3\tel\tB-LOCATION\n3.1\tx\t_\n\n1\tend\tO\n"
    )
    plain = b"-DOCSTART- O\n\nGunmen NNS b-perpetrator\nfled VBD O\n\n1 CD U-TOLL:killed\n"
    return {
        "conll": Target(read_conll, [conll.write(made[:1]).encode(), conll.write(made[1:]).encode(), numbered, plain]),
        "jsonl": Target(read_json_lines, [], [[one.to_dict() for one in made]], as_json_lines),
        "config": Target(read_config, [find_config("default").read_bytes()], [config]),
        "schema": Target(read_schema, [find_config("events", "schema").read_bytes()], [schema]),
        "label-studio": Target(read_label_studio, [], [tasks]),
    }


@cache
def _model_target() -> Target:
    schema = yaml.safe_load((_model() / "schema.yaml").read_text(encoding="utf-8"))
    manifest = json.loads((_model() / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["schema.yaml"] = "SCHEMA"
    return Target(read_model_folder, [], [[manifest, schema]], _model_seed, examples=25)


TARGETS: dict[str, Callable[[], Target]] = {
    **{
        name: partial(lambda chosen: _targets()[chosen], name)
        for name in ("conll", "jsonl", "config", "schema", "label-studio")
    },
    "model-folder": _model_target,
}
