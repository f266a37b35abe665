"""A linker in a model folder: `linker.onnx`, its thresholds and its lineage in the manifest."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from annotations.document import Document
from annotations.errors import ExplainedError
from inference.events.linker import FILE
from inference.manifest import FILE as MANIFEST
from inference.manifest import parse_manifest, read_manifest, write_manifest
from inference.model import Model
from training import provenance
from training.config import LinksConfig
from training.fit.export import add_vectors
from training.links.fit import Learned, fit_linker
from training.links.network import write_onnx

_ONNX = "model.onnx"


class LinkError(ExplainedError, ValueError):
    """A linker that cannot be made."""


def relink(
    source: Path,
    target: Path,
    train: Sequence[Document],
    dev: Sequence[Document],
    config: LinksConfig,
    *,
    seed: int,
    report: Callable[[str], None] = lambda _: None,
) -> Model:
    """Write a copy of a model folder with a new linker; a model without vectors gets them.

    Args:
        source: A model folder, which stays as it is.
        target: A new folder.
        train: Documents with gold events.
        dev: Documents to fit thresholds on.
        config: How it is learned.
        seed: Seed of everything random.
        report: Called with a line of text when a longer task starts.

    Returns:
        The model in the new folder.

    Raises:
        LinkError: The new folder exists, or there are no events to learn from.
    """
    if target.exists():
        raise LinkError(f"{target} exists; name a new folder with --to")
    read_manifest(source)  # checks every file
    made = target.with_name(f"{target.name}.partial")
    shutil.rmtree(made, ignore_errors=True)
    shutil.copytree(source, made, ignore=shutil.ignore_patterns(FILE))
    try:
        _give_vectors(made)
        linked = link_folder(Model(made, convention="range"), train, dev, config, seed=seed, report=report)
        if linked is None:
            raise LinkError("no training document has events, so there are no links to learn; name other data")
        made.rename(target)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return Model(target, convention="range")


def _give_vectors(folder: Path) -> None:
    """Add the output `vectors` to the model in a folder, and leave out the links that it had."""
    import onnx

    path = folder / _ONNX
    onnx.save(add_vectors(onnx.load(str(path))), str(path))
    # The hashes in the manifest are those of the files before.
    manifest = parse_manifest((folder / MANIFEST).read_bytes(), str(folder / MANIFEST))
    write_manifest(folder, replace(manifest, links={}))


def link_folder(
    model: Model,
    train: Sequence[Document],
    dev: Sequence[Document],
    config: LinksConfig,
    *,
    seed: int,
    report: Callable[[str], None] = lambda _: None,
) -> Model | None:
    """Learn a linker for a model, which gives vectors and has none, and write it into its folder; arguments as for
    `fit_linker`.

    Returns:
        The model, loaded again; None if there is nothing to learn.
    """
    learned = fit_linker(model, train, dev, config, seed=seed, report=report)
    if learned is None:
        return None
    write_onnx(learned.scorer, model.folder / FILE)
    training = _lineage(model.manifest.training, learned, train, dev, config, seed)
    links = {**asdict(learned.settings), "event": list(learned.settings.event)}
    write_manifest(model.folder, replace(model.manifest, links=links, training=training))
    return Model(model.folder, convention=model.convention)


def _lineage(
    before: Any,
    learned: Learned,
    train: Sequence[Document],
    dev: Sequence[Document],
    config: LinksConfig,
    seed: int,
) -> dict[str, Any]:
    """Add to a model's lineage what its linker was learned from, so that nobody evaluates on it by accident."""
    texts = {
        f"{name}_texts": sorted({document.sha256 for document in documents}.union(before.get(f"{name}_texts", ())))
        for name, documents in (("train", train), ("dev", dev))
    }
    links = {
        "config": config.model_dump(mode="json"),
        "seed": seed,
        "commit": provenance.git_commit(),
        "data_digest": {"train": provenance.data_digest(train), "dev": provenance.data_digest(dev)},
        "documents": learned.documents,
        "pairs": learned.pairs,
    }
    return {**before, **texts, "links": links}
