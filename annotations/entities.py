"""Gold entities: which mentions of a document an annotator grouped as the same doers or victims."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from annotations.document import Document
from annotations.importers.muc4.role_fillers import NAME as MUC4
from annotations.importers.muc4.role_fillers import ROLES

KEY = "entities"  # key of the meta
_FILES = tuple(Path(__file__).parent / "corpus" / f"entities-{name}.jsonl" for name in ("dev", "test"))
_LABELS = ("PERPETRATOR", "VICTIM")
Clusters = Sequence[tuple[str, ...]]  # span ids of each entity


def gold_entities(document: Document) -> Mapping[str, Clusters] | None:
    """Return the entities of a document by kind; None if nobody grouped its mentions.

    They are in its meta under `entities`, as lists of span ids; or in `annotations/corpus/entities-dev.jsonl` and
    `-test.jsonl`, by the SHA-256 of the text; there a mention that no list has is an entity of its own, and the kind is
    the label. A document imported as `muc4_json` has the fillers of three roles as its entities, by role; mentions that
    fill two of them are left out.

    Example:
        >>> from annotations import Span
        >>> spans = [Span("S1", 0, 6, "PERPETRATOR"), Span("S2", 11, 15, "PERPETRATOR"), Span("S3", 24, 28, "VICTIM")]
        >>> document = Document("d", "Gunmen, the trio, killed Sow.", spans, meta={"entities": [["S1", "S2"]]})
        >>> gold_entities(document)
        {'PERPETRATOR': [('S1', 'S2')], 'VICTIM': [('S3',)]}
    """
    if MUC4 in document.meta:
        return _fillers(document, document.meta[MUC4]["extracts"])
    listed = document.meta[KEY] if KEY in document.meta else _corpus().get(document.sha256)
    return None if listed is None else _by_label(document, listed)


def _by_label(document: Document, listed: Sequence[Sequence[str]]) -> dict[str, Clusters]:
    whole = {span: tuple(spans) for spans in listed for span in spans}
    found: dict[str, dict[tuple[str, ...], None]] = {}
    for span in document.spans:
        if span.label in _LABELS:
            found.setdefault(span.label, {})[whole.get(span.id, (span.id,))] = None
    return {label: list(clusters) for label, clusters in found.items()}


def _fillers(document: Document, extracts: Mapping[str, Any]) -> dict[str, Clusters]:
    roles = {role: label for role, label in ROLES.items() if label in _LABELS}
    owners: dict[tuple[str, str], set[tuple[str, int]]] = {}
    for role, label in roles.items():
        for number, entity in enumerate(extracts[role]):
            for words, _ in entity:
                owners.setdefault((label, words), set()).add((role, number))
    found: dict[tuple[str, int], list[str]] = {}
    for span in document.spans:
        own = owners.get((span.label, document.mention(span)), set())
        if len(own) == 1:
            found.setdefault(next(iter(own)), []).append(span.id)
    return {role: [tuple(spans) for (own, _), spans in found.items() if own == role] for role in roles}


@cache
def _corpus() -> dict[str, list[list[str]]]:
    lines = [line for file in _FILES for line in file.read_text(encoding="utf-8").splitlines()]
    return {record["sha256"]: record[KEY] for record in map(json.loads, lines)}
