"""`conflict-events data split`: parts of a dataset to train, stop and test on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from annotations.errors import DataError, Fault
from annotations.formats.jsonl import read_sets, stored_records, write_records
from annotations.formats.texts import TextSource
from training.cli.options import Data, TableOrJson, Texts, writable
from training.cli.terminal import line, output

_PARTS = ("train", "dev", "test")
_ROUNDING = 1e-6


def _shares(given: str) -> str:
    """Refuse shares that do not add up to 1 before anything is read."""
    try:
        numbers = [float(number) for number in given.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != len(_PARTS) or any(not 0 <= n <= 1 for n in numbers) or abs(sum(numbers) - 1) > _ROUNDING:
        raise typer.BadParameter("give three shares that add up to 1, such as 0.8,0.1,0.1 or 0.8,0.2,0")
    return given


def data_split(
    paths: Data,
    folder: Annotated[
        Path | None, typer.Option("--to", help="Folder for train.jsonl, dev.jsonl and test.jsonl.", file_okay=False)
    ] = None,
    train: Annotated[Path | None, typer.Option(callback=writable, help="File of the training part.")] = None,
    dev: Annotated[Path | None, typer.Option(callback=writable, help="File of the dev part.")] = None,
    test: Annotated[Path | None, typer.Option(callback=writable, help="File of the test part.")] = None,
    shares: Annotated[
        str, typer.Option(callback=_shares, help="Shares of train, dev and test; 0 for no such part.")
    ] = "0.8,0.1,0.1",
    group: Annotated[
        str | None, typer.Option(help="Keep documents with the same value of this key together, such as meta.source.")
    ] = None,
    by_date: Annotated[
        bool, typer.Option("--by-date", help="Split by meta.date: the newest documents go to test.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the choice.")] = 13,
    form: TableOrJson = "table",
    texts: Texts = None,
) -> None:
    """Split data into train, dev and test, with near-duplicates in one part and each event type in all of them.

    Documents are written as they are stored, stand-off ones without their texts. No file is overwritten.

    Example: `conflict-events data split mine.jsonl --to parts/ --group meta.source`
    """
    from training.cli.tables.data import print_parts
    from training.fit.partition import split_by_date, split_by_type

    wanted = {name: share for name, share in zip(_PARTS, map(float, shares.split(",")), strict=True) if share}
    files = _files(folder, {"train": train, "dev": dev, "test": test}, list(wanted))
    documents = read_sets(paths, TextSource.from_setting(texts))
    parts = split_by_date(documents, wanted, group) if by_date else split_by_type(documents, wanted, seed, group)
    stored = stored_records(paths)
    for name, found in parts.documents.items():
        write_records(files[name], [stored[document.id] for document in found])
    output(form, parts, print_parts)
    if form == "table":
        line(f"written: {', '.join(str(files[name]) for name in parts.documents)}")


def _files(folder: Path | None, named: dict[str, Path | None], wanted: list[str]) -> dict[str, Path]:
    """Return the file of each part.

    Raises:
        BadParameter: A part has no file, or a file no part.
        DataError: A file exists.
    """
    files = {name: path or (folder / f"{name}.jsonl" if folder else None) for name, path in named.items()}
    for name, path in named.items():
        if files[name] is None and name in wanted:
            raise typer.BadParameter(f"the {name} part has no file; give --to FOLDER, or --{name} FILE")
        if path is not None and name not in wanted:
            raise typer.BadParameter(f"--{name} is given, but the share of {name} is 0")
    found = {name: path for name, path in files.items() if path is not None and name in wanted}
    if len({path.resolve() for path in found.values()}) < len(found):
        raise typer.BadParameter("two parts have the same file; give each its own")
    there = [path for path in found.values() if path.exists()]
    if there:
        raise DataError([Fault("exists", "name another file, or remove it", file=str(path)) for path in there])
    return found
