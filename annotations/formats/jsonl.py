"""Datasets as JSON Lines: one document per line, sorted by id."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from annotations.document import Document, repeated_ids
from annotations.errors import DataError, Fault, collecting, nearest
from annotations.formats.parquet import is_parquet, parquet_records
from annotations.formats.texts import KEYS, MissingText, TextSource, standoff_record
from annotations.io.json_text import JsonLine, json_lines, to_json
from annotations.io.paths import kind_of
from annotations.io.writing import replacing

_HEAD = 4096  # bytes that tell JSON Lines from other files
_DATA = Path(__file__).parents[1]
_SETS = {  # by folder
    "corpus": "train dev test forms forms-dev several several-dev stories stories-dev long long-dev long-test "
    "long-second reports contrasts contrasts-dev pass-a pass-b",
    "news": "train train-articles train-wires dev pass-a pass-b",
    "articles": "pass-a pass-b",
}
NAMED = {
    f"{folder}/{name}": _DATA / folder / f"{name}.jsonl" for folder, names in _SETS.items() for name in names.split()
}
NAMED["articles"] = _DATA / "articles" / "gold.jsonl"


def find_data(name: str | Path) -> Path:
    """Return the file of a named dataset, or the path itself; a folder only if it has Parquet files.

    Raises:
        DataError: It is neither a file nor a named dataset, or a file of another kind.
    """
    if str(name) in NAMED:
        return NAMED[str(name)]
    path = Path(name)
    if is_parquet(path):
        return path
    if path.is_dir():
        problem, remedy = "is a folder, not a data file", "name the .jsonl files in it, or make one with 'data convert'"
        raise DataError.of(problem, remedy, file=str(name))
    if path.is_file():
        _refuse_other_kind(path)
        return path
    is_path = path.suffix or str(name).endswith("/")
    hint = "check the path" if is_path else nearest(str(name), NAMED)
    raise DataError.of("no such data file or named dataset", hint, file=str(name))


def _refuse_other_kind(path: Path) -> None:
    """Refuse once, and not line by line, a text, a table or a list of tasks."""
    if kind_of(path) not in ("", "jsonl"):
        with path.open("rb") as stream:
            head = stream.read(_HEAD).removeprefix(b"\xef\xbb\xbf").lstrip()
        if head and not head.startswith(b"{"):
            remedy = "make a data file of it with 'data convert' (texts, inline markup) or 'data import'"
            raise DataError.of("is not JSON Lines", remedy, file=str(path))


def stored_lines(name: str | Path) -> Iterator[JsonLine]:
    """Read the lines of a data file, or its rows, as they are stored.

    Raises:
        DataError: It is neither a file nor a named dataset.
    """
    file = find_data(name)
    return parquet_records(file) if is_parquet(file) else json_lines(file)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a data file: its number, and a document or the faults of the line."""

    number: int
    document: Document | None
    faults: tuple[Fault, ...] = ()
    missing_text: bool = False


def scan(path: str | Path, texts: TextSource | None = None) -> Iterator[Line]:
    """Read a data file line by line and continue after faults.

    Args:
        path: A file of JSON Lines or Parquet, a folder of Parquet files, or a named dataset.
        texts: Where the texts of stand-off documents are.

    Yields:
        One `Line` for every line that is not blank.
    """
    file = find_data(path)
    source = texts or TextSource.from_setting(None)
    seen: dict[str, int] = {}
    for line in stored_lines(file):
        if line.record is None:
            yield Line(line.number, None, line.faults)
            continue
        try:
            document = Document.from_dict(_with_text(line.record, source))
        except DataError as error:
            faults = tuple(replace(fault, file=str(file), line=line.number) for fault in error.faults)
            yield Line(line.number, None, faults, isinstance(error, MissingText))
            continue
        repeated: tuple[Fault, ...] = ()
        if document.id in seen:
            problem, remedy = f"has the same id as line {seen[document.id]}", "give it a different id"
            repeated = (Fault(problem, remedy, file=str(file), line=line.number, document=document.id),)
        seen.setdefault(document.id, line.number)
        yield Line(line.number, document, repeated)


def _with_text(record: Mapping[str, Any], texts: TextSource) -> Mapping[str, Any]:
    """Return a stand-off record with its text; any other record as it is."""
    if "text_file" not in record:
        return record
    types = {**dict.fromkeys(("id", *KEYS), str), "text_length": int}
    document_id = str(record.get("id", ""))
    faults = [
        Fault(f"stand-off document lacks the key {key!r}", "add it", document=document_id)
        if key not in record
        else Fault(
            f"{key!r} is {type(record[key]).__name__}, not {wanted.__name__}", "correct it", document=document_id
        )
        for key, wanted in types.items()
        if type(record.get(key)) is not wanted
    ]
    DataError.check(faults)
    return {**{key: value for key, value in record.items() if key not in KEYS}, "text": texts.resolve(record)}


def read_documents(path: str | Path, texts: TextSource | None = None) -> list[Document]:
    """Read all documents of a data file.

    Args:
        path: A file, or a named dataset such as `corpus/train`.
        texts: Where the texts of stand-off documents are; by default the folder in `CONFLICT_EVENTS_ARTICLES`.

    Raises:
        MissingText: The only faults are texts that are not available.
        DataError: With every fault in the file.

    Example:
        >>> len(read_documents("corpus/train")) > 0
        True
    """
    documents, faults, missing = _read(path, texts)
    _check(faults, missing)
    return documents


def _read(name: str | Path, texts: TextSource | None) -> tuple[list[Document], list[Fault], list[Fault]]:
    """Return the documents of a data file, its faults, and those that are texts that are not available."""
    lines = list(scan(name, texts))
    faults = [fault for line in lines if not line.missing_text for fault in line.faults]
    missing = [fault for line in lines if line.missing_text for fault in line.faults]
    return [line.document for line in lines if line.document is not None], faults, missing


def _check(faults: Sequence[Fault], missing: Sequence[Fault]) -> None:
    (DataError if faults else MissingText).check([*faults, *missing])


def read_sets(
    names: Iterable[str | Path],
    texts: TextSource | None = None,
    optional: Collection[str | Path] = (),
    left_out: list[Fault] | None = None,
) -> list[Document]:
    """Read all documents of several data files, as if they were one file.

    Args:
        names: Files or named datasets.
        texts: Where the texts of stand-off documents are.
        optional: Those of the names whose documents are left out if their text is not available.
        left_out: Receives a message for each document that was left out.

    Raises:
        MissingText: The only faults are texts that are not available.
        DataError: With every fault in every file, and each document that is in two files.
    """
    documents: list[Document] = []
    faults: list[Fault] = []
    missing: list[Fault] = []
    home: dict[str, str] = {}
    for name in names:
        with collecting(faults):
            found, wrong, absent = _read(name, texts)
            for document in found:
                if document.id in home:
                    problem = f"is also in {home[document.id]}"
                    wrong.append(Fault(problem, "keep it in one file", file=str(name), document=document.id))
            home |= {document.id: str(name) for document in found}
            documents += found
            faults += wrong
            if name not in optional:
                missing += absent
            elif left_out is not None:
                left_out += absent
    _check(faults, missing)
    return documents


def holds_texts(path: str | Path) -> bool:
    """Whether a data file has the texts of its documents, so that they may be shown in reports.

    The texts of stand-off documents may not be copied out of their folder.

    Example:
        >>> holds_texts("corpus/test"), holds_texts("articles")
        (True, False)
    """
    return not any(line.record is None or "text_file" in line.record for line in stored_lines(path))


def write_documents(path: str | Path, documents: Iterable[Document]) -> None:
    """Write documents as JSON Lines, sorted by id, replacing the file in one step.

    Raises:
        DataError: A document has a value that JSON cannot represent; the file is left unchanged.
    """
    write_records(Path(path), [document.to_dict() for document in documents])


def write_standoff(path: str | Path, documents: Iterable[tuple[Document, str]]) -> None:
    """Write documents without their texts."""
    write_records(Path(path), [standoff_record(document, name) for document, name in documents])


def stored_records(names: Iterable[str | Path]) -> dict[str, Mapping[str, Any]]:
    """Return the records of data files by document id, as they are stored; stand-off ones without their texts."""
    lines = (line.record for name in names for line in stored_lines(name))
    return {str(record.get("id")): record for record in lines if record is not None}


def write_records(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Write stored documents as JSON Lines, sorted by id, replacing the file in one step.

    Raises:
        DataError: Two have the same id; the file is left unchanged.
    """
    DataError.check(repeated_ids(str(record["id"]) for record in records))  # the file could not be read again
    with replacing(path) as stream:
        for record in sorted(records, key=lambda r: str(r["id"])):
            stream.write(to_json(record, str(record["id"])) + "\n")
