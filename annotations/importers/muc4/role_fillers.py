"""MUC-4 as processed for role-filler extraction: lower-case texts with the mentions of five roles, as JSON Lines.

It has no events: spans belong to none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from annotations.coverage import NONE, SOME
from annotations.document import Document
from annotations.importers.alignment.candidates import Candidate, Ledger, finished, imported
from annotations.importers.alignment.places import occurrences, trimmed_all
from annotations.importers.base import Imported, Source
from annotations.importers.muc4.overlaps import settle
from annotations.importers.muc4.search import COUNT_ONLY, find
from annotations.importers.records import Id, Record, read_records
from annotations.io.config_files import Shape

NAME = "muc4_json"
ROLES = {
    "PerpInd": "PERPETRATOR",
    "PerpOrg": "PERPETRATOR",
    "Target": "TARGET",
    "Victim": "VICTIM",
    "Weapon": "WEAPON",
}
# Five roles only. They are strings of the answer keys, marked wherever they occur: not all mentions, and none of
# violence that was not reportable by the rules of MUC-4.
COVERAGE = dict.fromkeys(("ATTACK", "TOLL", "LOCATION", "DATE"), NONE) | dict.fromkeys(ROLES.values(), SOME)
OFFSET = "offset"
WRONG_OFFSET = "the offset points at other words"
CUT_WORD = "the offset points into a word"

_Mention = Annotated[tuple[str, int], Field(strict=False)]  # a list in JSON
_Entities = Annotated[list[list[_Mention]], Field(default_factory=list)]


class _Extracts(Shape, extra="forbid"):
    PerpInd: _Entities
    PerpOrg: _Entities
    Target: _Entities
    Victim: _Entities
    Weapon: _Entities


class _Article(Shape):
    docid: Id
    doctext: str
    extracts: _Extracts


def read(path: Path) -> Imported:
    """Read a file of JSON Lines with `docid`, `doctext` and `extracts`, or all `.json` files of a folder.

    `extracts` maps each role to its entities. An entity is a list of mentions, each a pair of string and offset.

    Raises:
        DataError: No such file, or lines of another form; with every fault.
    """
    return imported(dict(sorted(read_records(path, "*.json", "docid", _Article).items())), _document)


def _document(record: Record, ledger: Ledger) -> Document:
    text, found = record["doctext"], list[Candidate]()
    for role, entities in record["extracts"].items():
        for value, offset in dict.fromkeys((m[0], m[1]) for entity in entities for m in entity):
            _check_offset(text, value, offset, ledger)
            match = find(text, value)
            places = trimmed_all(text, match.places)
            found += [Candidate(*place, ROLES[role], None, role, value) for place in places]
            if not places:
                ledger.lose(role, value, match.reason or COUNT_ONLY)
    meta = {NAME: {"extracts": record["extracts"]}}
    return finished(record["docid"], text, settle(text, found, ledger), COVERAGE, meta)


def _check_offset(text: str, value: str, offset: int, ledger: Ledger) -> None:
    """Note an offset that does not point to its mention, which is marked wherever it occurs as whole words."""
    end = offset + len(value)
    if text[offset:end] != value:
        ledger.lose(OFFSET, value, WRONG_OFFSET, f"{text[max(offset, 0) : max(end, 0)]!r} at {offset}")
    elif (offset, end) not in occurrences(text, value):
        ledger.lose(OFFSET, value, CUT_WORD, f"at {offset}")


SOURCE = Source(
    "MUC-4 as processed for role-filler extraction: JSON Lines with docid, doctext and extracts", COVERAGE, read
)
