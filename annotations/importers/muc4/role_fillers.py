"""MUC-4 as processed for role-filler extraction: lower-case texts with the mentions of five roles, as JSON Lines.

There are no events in it: spans belong to none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from annotations.coverage import NONE, SOME, declared
from annotations.document import Document
from annotations.errors import DataError, Fault, nearest
from annotations.importers.alignment import occurrences
from annotations.importers.base import Imported, Loss, Source
from annotations.importers.muc4.overlaps import Mark, settle
from annotations.importers.muc4.search import COUNT_ONLY, find, trimmed
from annotations.io.json_text import json_lines

NAME = "muc4_json"
ROLES = {
    "PerpInd": "PERPETRATOR",
    "PerpOrg": "PERPETRATOR",
    "Target": "TARGET",
    "Victim": "VICTIM",
    "Weapon": "WEAPON",
}
COVERAGE = {
    # Five roles only.
    **dict.fromkeys(("ATTACK", "TOLL", "LOCATION", "DATE"), NONE),
    # Strings of the answer keys, marked wherever they stand: not every mention, and not in violence that was not
    # reportable by the rules of MUC-4.
    **dict.fromkeys(ROLES.values(), SOME),
}
OFFSET = "offset"
WRONG_OFFSET = "the offset points at other words"
CUT_WORD = "the offset points into a word"


def read(path: Path) -> Imported:
    """Read a file of JSON Lines with `docid`, `doctext` and `extracts`, or all `.json` files of a folder.

    `extracts` maps each role to its entities; an entity is a list of mentions, each a pair of string and offset.

    Args:
        path: The file or the folder.

    Raises:
        DataError: No such file, or lines of another form; with every fault.
    """
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files or not files[0].is_file():
        raise DataError([Fault("there is no such file, nor a folder with .json files", "name one", file=str(path))])
    records: dict[str, dict[str, Any]] = {}
    faults: list[Fault] = []
    for file in files:
        for line in json_lines(file):
            found = list(line.faults) if line.record is None else _record_faults(line.record, records)
            faults += [replace(fault, file=str(file), line=line.number) for fault in found]
            if line.record is not None and not found:
                records[line.record["docid"]] = line.record
    if faults:
        raise DataError(faults)
    documents, losses, aligned = [], list[Loss](), Counter[str]()
    for name in sorted(records):
        document, lost, found_here = _document(records[name])
        documents.append(document)
        losses += lost
        aligned += found_here
    return Imported(tuple(documents), tuple(losses), dict(sorted(aligned.items())))


def _record_faults(record: Mapping[str, Any], known: Mapping[str, Any]) -> list[Fault]:
    faults = list(_form_faults(record)) or list(_sound_faults(record, known))
    name = record.get("docid")
    return [replace(fault, document=name if isinstance(name, str) else "") for fault in faults]


def _sound_faults(record: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[Fault]:
    if record["docid"] in known:
        yield Fault("has an id that stands twice", "keep one of them")
    try:
        Document(record["docid"], record["doctext"])
    except DataError as error:  # an empty id, half of a surrogate pair
        yield from error.faults


def _form_faults(record: Mapping[str, Any]) -> Iterator[Fault]:
    for key, wanted in (("docid", str), ("doctext", str), ("extracts", dict)):
        if not isinstance(record.get(key), wanted):
            yield Fault(f"has no {key!r} that is {wanted.__name__}", "add it")
    extracts = record.get("extracts")
    for role, entities in extracts.items() if isinstance(extracts, dict) else ():
        if role not in ROLES:
            yield Fault(f"has the unknown role {role!r}", nearest(role, ROLES))
        elif not _entities(entities):
            remedy = "write a list of entities, each a list of pairs of string and offset"
            yield Fault("has fillers of another form", remedy, place=role)


def _entities(entities: Any) -> bool:
    return isinstance(entities, list) and all(
        isinstance(entity, list) and all(_mention(mention) for mention in entity) for entity in entities
    )


def _mention(mention: Any) -> bool:
    match mention:
        case [str(), bool()]:
            return False
        case [str(), int()]:
            return True
    return False


def _document(record: Mapping[str, Any]) -> tuple[Document, list[Loss], Counter[str]]:
    name, text = record["docid"], record["doctext"]
    marks: list[Mark] = []
    losses: list[Loss] = []
    for role, entities in record["extracts"].items():
        for value, offset in dict.fromkeys((m[0], m[1]) for entity in entities for m in entity):
            losses += _offset_losses(name, text, value, offset)
            found = find(text, value)
            places = [smaller for place in found.places if (smaller := trimmed(text, place))]
            marks += [Mark(place, ROLES[role], role, value) for place in places]
            if not places:
                losses.append(Loss(name, role, value, found.reason or COUNT_ONLY))
    settled = settle(name, text, marks)
    document = Document(name, text, settled.spans, meta={NAME: {"extracts": record["extracts"]}})
    return declared(document, COVERAGE), [*losses, *settled.losses], settled.standing


def _offset_losses(name: str, text: str, value: str, offset: int) -> Iterator[Loss]:
    """Yield offsets that do not point at their mention: it is marked where it stands as whole words."""
    end = offset + len(value)
    if text[offset:end] != value:
        yield Loss(name, OFFSET, value, WRONG_OFFSET, f"{text[max(offset, 0) : max(end, 0)]!r} at {offset}")
    elif (offset, end) not in occurrences(text, value):
        yield Loss(name, OFFSET, value, CUT_WORD, f"at {offset}")


SOURCE = Source(
    name=NAME,
    summary="MUC-4 as processed for role-filler extraction: JSON Lines with docid, doctext and extracts",
    coverage=COVERAGE,
    read=read,
)
