"""A model folder, loaded."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from annotations.schema import Schema, load_schema
from inference.backends import BACKENDS, Backend
from inference.consistency import check_computation, check_labels, check_sizes, last_id
from inference.contents import read_json
from inference.events.linker import FILE as LINKER
from inference.events.linker import Linker, LinkSettings, OnnxScorer, check_linker
from inference.manifest import Manifest, ModelError, read_manifest
from inference.relevance import EVIDENCE
from inference.tagger import Tagger, checked_thresholds

__all__ = ["Model", "ModelError"]


class Model(Tagger):
    """A trained model. Threads may share it; a process that it is sent to loads it from its folder again.

    Args:
        folder: A model folder; every file is checked against the manifest.
        backend: `onnx`, or `torch`, or `cuda`: torch on a GPU.
        name: Name shown in predictions; by default the manifest's.
        convention: How vague numbers are read (`inference.numbers.conventions`); by default the manifest's.
        threshold: The least score of a span, for all labels or by label; by default the manifest's thresholds.
        threads: Batches that the backend `onnx` computes at the same time; by default one a processor.

    Raises:
        ModelError: The folder is not a model folder, a file is missing, damaged or not allowed, or its parts do not
            fit together.
        ValueError: Unknown backend or convention, or a threshold that is none.
        ImportError: The backend is not installed.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        backend: str = "onnx",
        name: str | None = None,
        convention: str | None = None,
        threshold: float | Mapping[str, float] | None = None,
        threads: int | None = None,
    ) -> None:
        self._given: dict[str, Any] = {
            "backend": backend,
            "name": name,
            "convention": convention,
            "threshold": threshold,
            "threads": threads,
        }
        if backend not in BACKENDS:
            raise ValueError(f"unknown backend {backend!r}; known are: {', '.join(BACKENDS)}")
        self.backend = backend
        self.folder = Path(folder)
        self.manifest: Manifest = read_manifest(self.folder)
        config = _config(self.folder / "config.json")
        schema = load_schema(self.folder / "schema.yaml")
        check_labels(config, schema.tags)
        if unknown := [label for label in self.manifest.thresholds if label not in schema.labels]:
            raise ModelError(f"{self.folder} has a threshold of {unknown[0]!r}, no label of it; copy the model again")
        if len(self.manifest.relevance) not in (0, len(EVIDENCE)):
            raise ModelError(f"{self.folder}: relevance has not {len(EVIDENCE)} weights; train or copy the model again")
        super().__init__(
            tokenizer=_tokenizer(self.folder / "tokenizer.json"),
            schema=schema,
            backend=_backend(backend, self.folder),
            window=self.manifest.window,
            overlap=self.manifest.overlap,
            temperature=self.manifest.temperature,
            outside_weight=self.manifest.outside_weight,
            thresholds=checked_thresholds(self.manifest.thresholds if threshold is None else threshold, schema),
            relevance=self.manifest.relevance,
            convention=convention or self.manifest.convention,
            name=name or self.manifest.name,
            threads=threads,
        )
        before, after = self._windowed.before, self._windowed.after
        special = len(before) + len(after)
        check_sizes(config, self.tokenizer, self.manifest, special)
        text = [last_id(self.tokenizer)] * (self.window - special)
        check_computation(self._windowed.backend, [*before, *text, *after], len(schema.tags))
        if (LINKER in self.manifest.files) != bool(self.manifest.links):
            raise ModelError(f"{self.folder} has a linker without settings, or settings without one; copy it again")
        if self.manifest.links and not self.vector_size:
            raise ModelError(f"{self.folder} has a linker and a model.onnx without vectors; link or copy it again")
        if self.manifest.links:
            self.linker = _linker(self.folder, self.manifest, schema, self.vector_size)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle only the folder and the settings: another process loads the model from its folder again."""
        return partial(Model, self.folder.absolute(), **self._given), ()

    def __repr__(self) -> str:
        """Show name and folder."""
        return f"Model({self.name!r}, folder={str(self.folder)!r})"


def _config(path: Path) -> Mapping[str, Any]:
    try:
        values = read_json(path)
    except ValueError as error:
        raise ModelError(f"{path} cannot be read: {error}; copy it again") from None
    if not isinstance(values, Mapping):
        raise ModelError(f"{path} has no settings of a model; copy it again")
    return values


def _tokenizer(path: Path) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises nothing narrower
        raise ModelError(f"{path} cannot be read: {error}; copy it again") from error
    if all(tokenizer.encode("a").special_tokens_mask):  # the places of special tokens are taken from this letter
        raise ModelError(f"{path} returns no sub-word for the letter 'a'; copy it again")
    return tokenizer


def _backend(name: str, folder: Path) -> Backend:
    try:
        backend: Backend = BACKENDS[name](folder)
    except (ModelError, ImportError):
        raise
    except Exception as error:  # torch and onnxruntime raise many kinds
        raise ModelError(
            f"{folder} cannot be loaded with {name}: {error}; copy the whole model folder again"
        ) from error
    return backend


def _linker(folder: Path, manifest: Manifest, schema: Schema, size: int) -> Linker:
    try:
        linker = Linker(OnnxScorer(folder / LINKER), LinkSettings(**manifest.links))
        check_linker(linker, schema, size)
    except Exception as error:  # onnxruntime raises many kinds
        raise ModelError(
            f"{folder / LINKER} does not fit the model: {str(error).splitlines()[0]:.300}; "
            "make it again with 'conflict-events link'"
        ) from error
    return linker
