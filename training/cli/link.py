"""`conflict-events link`: a new linker for a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from annotations.errors import DataError, Fault
from annotations.formats.jsonl import holds_texts, read_sets
from annotations.formats.texts import TextSource
from training.cli.options import Address, GoldOption, Texts, TrackingUri
from training.cli.terminal import err, load_model, out, warn


def link(
    model: Address,
    data: GoldOption,
    dev: Annotated[list[str], typer.Option("--dev", help="Gold data to fit thresholds on; may be repeated.")],
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="The new model folder.")],
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the data. Default: that of a config.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random.")] = 13,
    texts: Texts = None,
    uri: TrackingUri = None,
) -> None:
    """Learn anew which spans of a model belong to one event, and write the model with this linker to a new folder.

    The tagger stays as it is.
    Example: `conflict-events link runs/ID/model --data corpus/train --dev corpus/dev --to new-model`
    """
    from training.config import LinksConfig
    from training.fit.split import check_apart
    from training.library_output import quiet_libraries
    from training.links.folder import relink

    source = TextSource.from_setting(texts)
    left_out: list[Fault] = []
    splits = {
        name: read_sets(sets, source, [one for one in sets if not holds_texts(one)], left_out)
        for name, sets in (("train", data), ("dev", dev))
    }
    if left_out:
        warn(f"{len(left_out)} documents left out: their texts are not on this machine")
    if empty := [name for name, documents in splits.items() if not documents]:
        raise DataError.of(f"the {empty[0]} data has no documents", "name other files")
    check_apart(splits)
    config = LinksConfig() if epochs is None else LinksConfig(epochs=epochs)
    folder = load_model(model, uri).folder
    with quiet_libraries():
        made = relink(folder, to, splits["train"], splits["dev"], config, seed=seed, report=err.print)
    found = made.manifest.links
    thresholds = ", ".join(f"{name} {found[name]:g}" for name in ("join", "several", "least", "kept"))
    out.print(f"linker written in {made.folder}: {thresholds}", highlight=False, soft_wrap=True)
