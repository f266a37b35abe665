"""MUC-4: news texts on violence in Latin America with answer keys of 25 slots, as distributed.

The keys have no offsets: their strings are searched in the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import regex

from annotations.coverage import NONE, SOME
from annotations.document import Document
from annotations.errors import DataError, Fault, collecting
from annotations.importers.alignment.candidates import Ledger, finished, imported
from annotations.importers.base import Imported, Loss, Source, shipped_schema
from annotations.importers.muc4.keys import MESSAGE, Template, parse_keys
from annotations.importers.muc4.overlaps import settle
from annotations.importers.muc4.slots import kind, template_candidates
from annotations.io.decoding import read_text

NAME = "muc4"
KEYS, TEXTS = "keys", "texts"  # folders
TYPE, STAGE, CONFIDENCE = 4, 5, 11  # slots

# Incident types with several attack types in the schema, or with none. A robbery takes property, like looting; the keys
# do not say how a forced work stoppage was enforced.
TYPES = {"ATTACK": "unspecified_attack", "ROBBERY": "arson_sabotage", "FORCED WORK STOPPAGE": "unspecified_attack"}
STAGES = {"ATTEMPTED": "attempted", "THREATENED": "threatened"}
CLAIMED = "CLAIMED OR ADMITTED"

COVERAGE = {
    "ATTACK": NONE,  # the keys have no triggers
    # Strings of the keys are marked wherever they occur. Other mentions of the same people and things are not, nor is
    # violence that was not reportable by the rules of MUC-4, mostly fights between armies and rebels.
    "PERPETRATOR": SOME,
    "VICTIM": SOME,
    "TARGET": SOME,
    "WEAPON": SOME,
    # Only numbers of the keys next to their victims.
    "TOLL": SOME,
    # Only the place and day of the key; texts mostly say 'this city' and 'yesterday'.
    "LOCATION": SOME,
    "DATE": SOME,
}

NO_KEY, NO_TEXT = "has no answer key", "has no text"
FIRST_USED = "the key gives alternatives: the first one was used"

_HEADING = regex.compile(r"^(?P<id>[A-Z0-9]+-MUC\d-\d{4})\b.*$", regex.MULTILINE)


def read(path: Path) -> Imported:
    """Read a folder with the folders `keys` and `texts`.

    Returns:
        A document for each text that has an answer key.

    Raises:
        DataError: A folder is missing, no text has a key, or a file cannot be read; with every fault of the files.
    """
    templates = _templates(path / KEYS)
    texts = _texts(path / TEXTS)
    losses = [Loss(name, "text", name, NO_KEY) for name in texts if name not in templates]
    losses += [Loss(name, "answer key", name, NO_TEXT) for name in templates if name not in texts]
    both = {name: (name, texts[name], templates[name]) for name in sorted(set(texts) & set(templates))}
    if not both:
        remedy = f"put files of the same messages into {KEYS}/ and {TEXTS}/"
        raise DataError.of("no text has an answer key", remedy, file=str(path))
    return imported(both, lambda message, ledger: _document(*message, ledger), losses)


def _files(folder: Path, faults: list[Fault]) -> Iterator[tuple[str, str]]:
    """Yield name and content of each readable file of a folder."""
    if not folder.is_dir():
        remedy = f"name the folder that contains {KEYS}/ and {TEXTS}/"
        raise DataError.of("no such folder", remedy, file=str(folder))
    for file in sorted(folder.iterdir()):
        if file.is_file() and not file.name.startswith("."):
            with collecting(faults):
                yield str(file), read_text(file).replace("\r\n", "\n")


def _templates(folder: Path) -> dict[str, list[Template]]:
    found: dict[str, list[Template]] = {}
    faults: list[Fault] = []
    for file, content in _files(folder, faults):
        with collecting(faults):
            for template in parse_keys(content, file):
                found.setdefault(template.document, []).append(template)
    DataError.check(faults)
    return found


def _texts(folder: Path) -> dict[str, str]:
    """Return the texts by message id, without headings and surrounding blanks."""
    found: dict[str, str] = {}
    faults: list[Fault] = []
    for file, content in _files(folder, faults):
        headings = list(_HEADING.finditer(content))
        if content[: headings[0].start() if headings else len(content)].strip():
            remedy = "begin each text with its id, such as DEV-MUC3-0001"
            faults.append(Fault("has text before the first id", remedy, file=file, line=1))
        ends = [*(heading.start() for heading in headings[1:]), len(content)]
        for heading, end in zip(headings, ends, strict=False):
            name, text = heading["id"], content[heading.end() : end].strip()
            if name in found or not text:
                problem = "has two texts" if name in found else "has no text after its id"
                line = content.count("\n", 0, heading.start()) + 1
                faults.append(Fault(problem, "keep one text for each id", file=file, line=line, document=name))
            found[name] = text
    DataError.check(faults)
    return found


def _document(name: str, text: str, templates: Sequence[Template], ledger: Ledger) -> Document:
    incidents = [template for template in templates if template.incident]
    found = [c for n, template in enumerate(incidents) for c in template_candidates(text, template, n, ledger)]
    spans = settle(text, found, ledger)
    events = [_event(template, ledger) for template in incidents]
    meta = {NAME: {"templates": _entries(templates), "read_as": ledger.read_as}}
    return finished(name, text, spans, COVERAGE, meta, events)


def _event(template: Template, ledger: Ledger) -> tuple[str, dict[str, Any]]:
    incident, stage = _first(TYPE, template, ledger), _first(STAGE, template, ledger)
    flags: dict[str, Any] = {"stage": STAGES[stage]} if stage in STAGES else {}
    if any(filler.values == (CLAIMED,) for filler in template.fillers(CONFIDENCE)):
        flags["claimed"] = True
    return _attack_type(incident), flags


def _first(slot: int, template: Template, ledger: Ledger) -> str:
    values = [value for filler in template.fillers(slot) for value in filler.values]
    if len(values) > 1:
        ledger.lose(kind(slot), " / ".join(values), FIRST_USED)
    return values[0] if values else ""


def _attack_type(incident: str) -> str:
    """Return the attack type whose MUC-4 code is the incident type, if there is exactly one."""
    fitting = [name for name, definition in shipped_schema().attack_types.items() if definition.muc4 == incident]
    return fitting[0] if len(fitting) == 1 else TYPES.get(incident, "unspecified_attack")


def _entries(templates: Sequence[Template]) -> list[dict[str, Any]]:
    """Return the templates with all slots as in the key; one that says 'no incident' has no event."""
    entries: list[dict[str, Any]] = []
    events = 0
    for template in templates:
        events += template.incident
        slots = {kind(slot): list(lines) for slot, lines in template.slots.items() if slot != MESSAGE}
        entry = {"event": f"E{events}" if template.incident else None, "optional": template.optional}
        entries.append({**entry, "comments": list(template.comments), "slots": slots if template.incident else {}})
    return entries


SOURCE = Source("MUC-4, original texts with answer keys of 25 slots: a folder with keys/ and texts/", COVERAGE, read)
