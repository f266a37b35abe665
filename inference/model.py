"""A model folder, loaded."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer

from annotations.schema import load_schema
from inference.backends import BACKENDS
from inference.manifest import Manifest, ModelError, read_manifest
from inference.tagger import Tagger

__all__ = ["Model", "ModelError"]


class Model(Tagger):
    """A trained model.

    Args:
        folder: A model folder; every file in it is checked against its manifest.
        backend: `onnx` or `torch`.
        name: Name to show in predictions; by default the manifest's.

    Raises:
        ModelError: The folder is no model folder, or a file is missing, damaged or foreign.
        ValueError: Unknown backend.
        ImportError: The backend is not installed.
    """

    def __init__(self, folder: str | Path, *, backend: str = "onnx", name: str | None = None) -> None:
        if backend not in BACKENDS:
            raise ValueError(f"unknown backend {backend!r}; known are: {', '.join(BACKENDS)}")
        self.folder = Path(folder)
        self.manifest: Manifest = read_manifest(self.folder)
        super().__init__(
            tokenizer=Tokenizer.from_file(str(self.folder / "tokenizer.json")),
            schema=load_schema(self.folder / "schema.yaml"),
            backend=BACKENDS[backend](self.folder),
            window=self.manifest.window,
            overlap=self.manifest.overlap,
            temperature=self.manifest.temperature,
            outside_weight=self.manifest.outside_weight,
            name=name or self.manifest.name,
        )

    def __repr__(self) -> str:
        """Show name and folder."""
        return f"Model({self.name!r}, folder={str(self.folder)!r})"
