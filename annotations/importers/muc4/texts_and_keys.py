"""MUC-4: news texts on violence in Latin America with answer keys of 25 slots, as distributed.

The keys say what a text reports, not where: their strings are looked up in the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import regex

from annotations.coverage import NONE, SOME, declared
from annotations.document import Document, Event
from annotations.errors import DataError, Fault
from annotations.importers.base import Imported, Loss, Source
from annotations.importers.muc4.keys import MESSAGE, Template, parse_keys
from annotations.importers.muc4.overlaps import settle, tied
from annotations.importers.muc4.slots import Ledger, kind, template_marks
from annotations.io.decoding import read_text
from annotations.schema import Schema, load_schema

NAME = "muc4"
KEYS, TEXTS = "keys", "texts"  # folders
TYPE, STAGE, CONFIDENCE = 4, 5, 11  # slots

# Incident types that stand for several attack types of the schema, or for none. A robbery takes property, as looting
# does; a forced stoppage of work threatens in ways that keys do not tell.
TYPES = {"ATTACK": "unspecified_attack", "ROBBERY": "arson_sabotage", "FORCED WORK STOPPAGE": "unspecified_attack"}
STAGES = {"ATTEMPTED": "attempted", "THREATENED": "threatened"}
CLAIMED = "CLAIMED OR ADMITTED"

COVERAGE = {
    "ATTACK": NONE,  # the keys have no triggers
    # Strings of the keys are marked wherever they stand. Other words for the same people and things are not, nor is
    # violence that was not reportable by the rules of MUC-4: fights between armies and rebels above all.
    "PERPETRATOR": SOME,
    "VICTIM": SOME,
    "TARGET": SOME,
    "WEAPON": SOME,
    # Only numbers that a key gives and that stand by their victims.
    "TOLL": SOME,
    # Only as the key spells place and day; texts mostly say 'this city' and 'yesterday'.
    "LOCATION": SOME,
    "DATE": SOME,
}

NO_KEY, NO_TEXT = "has no answer key", "has no text"
FIRST_TAKEN = "the key leaves it open: the first alternative is taken"

_HEADING = regex.compile(r"^(?P<id>[A-Z0-9]+-MUC\d-\d{4})\b.*$", regex.MULTILINE)


def read(path: Path) -> Imported:
    """Read the folder that holds the folders `keys` and `texts`.

    Args:
        path: The folder.

    Returns:
        A document for each text that has an answer key.

    Raises:
        DataError: A folder is missing, no text has a key, or a file cannot be read; with every fault of the files.
    """
    templates = _templates(path / KEYS)
    texts = _texts(path / TEXTS)
    schema = load_schema()
    losses = [Loss(name, "text", name, NO_KEY) for name in texts if name not in templates]
    losses += [Loss(name, "answer key", name, NO_TEXT) for name in templates if name not in texts]
    both = sorted(set(texts) & set(templates))
    if not both:
        remedy = f"put files of the same messages into {KEYS}/ and {TEXTS}/"
        raise DataError([Fault("no text has an answer key", remedy, file=str(path))])
    documents = []
    aligned: Counter[str] = Counter()
    for name in both:
        document, ledger = _document(name, texts[name], templates[name], schema)
        documents.append(document)
        losses += ledger.losses
        aligned += ledger.aligned
    return Imported(tuple(documents), tuple(losses), dict(sorted(aligned.items())))


def _files(folder: Path, faults: list[Fault]) -> Iterator[tuple[str, str]]:
    """Yield the name and the content of each file of a folder that can be read."""
    if not folder.is_dir():
        remedy = f"name the folder that holds {KEYS}/ and {TEXTS}/"
        raise DataError([Fault("there is no such folder", remedy, file=str(folder))])
    for file in sorted(folder.iterdir()):
        if file.is_file() and not file.name.startswith("."):
            try:
                yield str(file), read_text(file).replace("\r\n", "\n")
            except DataError as error:
                faults += error.faults


def _templates(folder: Path) -> dict[str, list[Template]]:
    found: dict[str, list[Template]] = {}
    faults: list[Fault] = []
    for file, content in _files(folder, faults):
        try:
            for template in parse_keys(content, file):
                found.setdefault(template.document, []).append(template)
        except DataError as error:
            faults.extend(error.faults)
    if faults:
        raise DataError(faults)
    return found


def _texts(folder: Path) -> dict[str, str]:
    """Return the texts by message id, without their headings and the blanks around them."""
    found: dict[str, str] = {}
    faults: list[Fault] = []
    for file, content in _files(folder, faults):
        headings = list(_HEADING.finditer(content))
        if content[: headings[0].start() if headings else len(content)].strip():
            remedy = "begin each text with its id, such as DEV-MUC3-0001"
            faults.append(Fault("has text in front of the first id", remedy, file=file, line=1))
        ends = [*(heading.start() for heading in headings[1:]), len(content)]
        for heading, end in zip(headings, ends, strict=False):
            name, text = heading["id"], content[heading.end() : end].strip()
            if name in found or not text:
                problem = "stands twice among the texts" if name in found else "has nothing behind its id"
                line = content.count("\n", 0, heading.start()) + 1
                faults.append(Fault(problem, "keep one text an id", file=file, line=line, document=name))
            found[name] = text
    if faults:
        raise DataError(faults)
    return found


def _document(name: str, text: str, templates: Sequence[Template], schema: Schema) -> tuple[Document, Ledger]:
    ledger = Ledger(name)
    incidents = [template for template in templates if template.incident]
    marks = [mark for n, template in enumerate(incidents) for mark in template_marks(text, template, n, ledger)]
    settled = settle(name, text, marks)
    ledger.losses += settled.losses
    ledger.aligned += settled.standing
    events = [_event(number, template, schema, ledger) for number, template in enumerate(incidents, start=1)]
    roles = {label: schema.role(label) for label in schema.labels}
    meta = {NAME: {"templates": _entries(templates), "read_as": ledger.read_as}}
    return declared(Document(name, text, settled.spans, tied(settled, events, roles), meta), COVERAGE), ledger


def _event(number: int, template: Template, schema: Schema, ledger: Ledger) -> Event:
    incident, stage = _first(TYPE, template, ledger), _first(STAGE, template, ledger)
    flags: dict[str, Any] = {"stage": STAGES[stage]} if stage in STAGES else {}
    if any(filler.values == (CLAIMED,) for filler in template.fillers(CONFIDENCE)):
        flags["claimed"] = True
    return Event(f"E{number}", _attack_type(incident, schema), flags=flags)


def _first(slot: int, template: Template, ledger: Ledger) -> str:
    values = [value for filler in template.fillers(slot) for value in filler.values]
    if len(values) > 1:
        ledger.lose(slot, " / ".join(values), FIRST_TAKEN)
    return values[0] if values else ""


def _attack_type(incident: str, schema: Schema) -> str:
    """Return the attack type whose MUC-4 code is the incident type, if there is one such type only."""
    fitting = [name for name, definition in schema.attack_types.items() if definition.muc4 == incident]
    return fitting[0] if len(fitting) == 1 else TYPES.get(incident, "unspecified_attack")


def _entries(templates: Sequence[Template]) -> list[dict[str, Any]]:
    """Return the templates with all slots as the key has them; one that says 'no incident' has no event."""
    entries: list[dict[str, Any]] = []
    events = 0
    for template in templates:
        events += template.incident
        slots = {kind(slot): list(lines) for slot, lines in template.slots.items() if slot != MESSAGE}
        entry = {"event": f"E{events}" if template.incident else None, "optional": template.optional}
        entries.append({**entry, "comments": list(template.comments), "slots": slots if template.incident else {}})
    return entries


SOURCE = Source(
    name=NAME,
    summary="MUC-4, original texts with answer keys of 25 slots: a folder with keys/ and texts/",
    coverage=COVERAGE,
    read=read,
)
