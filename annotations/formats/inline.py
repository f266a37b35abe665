"""Inline markup: documents as people write and read them.

A document is a header of `key: value` lines, a line `---`, the text with `{words|LABEL|events}` marks, a line `---`,
and one line per event. `guidelines.md` has examples. The type of a span is in its mark (`TOLL:killed`); a trigger takes
the type of its event.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

import regex

from annotations.coverage import KEY as COVERAGE
from annotations.coverage import foreign_labels
from annotations.document import Document, Event, Span
from annotations.errors import DataError, Fault, collecting, nearest
from annotations.io.decoding import read_text, text_files
from annotations.io.json_text import parse_json
from annotations.io.writing import write_text
from annotations.quantity import HOW_TO_WRITE, Toll
from annotations.schema import Schema

_MARK = regex.compile(r"\{((?:\\.|[^{}|\\])+)\|(\w+)(?::(\w+))?(?:\|([\w, ]+))?\}", regex.DOTALL)
_SPECIAL = regex.compile(r"[{}|\\]")
_RULE = regex.compile(r"^---\r?\n", regex.MULTILINE)  # two of them part header, text and events
_PARTS = 3
_NOT_IN_NAMES = regex.compile(r"[^\w.-]+")
_ESCAPED = regex.compile(r"\\(.)", regex.DOTALL)
_EVENT = regex.compile(r"(\w+): *(\w+)((?: *; *\w+(?:=[\w~.]+)?)*) *")


def parse(content: str, schema: Schema, file: str = "") -> Document:
    r"""Read one document in inline markup.

    Raises:
        DataError: With every fault: an event that is not listed, an unclosed mark, an unknown flag.

    Example:
        >>> from annotations import load_schema
        >>> marked = "id: d1\n---\n{Gunmen|PERPETRATOR|E1} {fired|ATTACK|E1}.\n---\nE1: armed_assault"
        >>> document = parse(marked, load_schema())
        >>> document.text, [(document.mention(s), s.type) for s in document.spans]
        ('Gunmen fired.', [('Gunmen', None), ('fired', 'armed_assault')])
    """
    parts = regex.split(r"^---\n", content, flags=regex.MULTILINE)
    if len(parts) != _PARTS:
        raise DataError.of(f"has {len(parts)} parts", "write header, ---, text, ---, events", file=file)
    head, faults = _head(parts[0], file)
    events, more = _events(parts[2], schema, file)
    faults += more
    text, spans, ties, more = _spans(parts[1], events, schema, file)
    faults += more
    DataError.check(faults)
    roles: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in events}
    for span in spans:
        role = schema.role(span.label)
        for name in ties[span.id]:
            roles[name][role] = (*roles[name].get(role, ()), span.id)
    document_id = str(head.pop("id", Path(file).stem))
    return Document(document_id, text, spans, [replace(e, roles=roles[e.id]) for e in events.values()], head)


def _head(part: str, file: str) -> tuple[dict[str, Any], list[Fault]]:
    head: dict[str, Any] = {}
    faults: list[Fault] = []
    for line in filter(str.strip, part.split("\n")):
        key, colon, value = line.partition(":")
        if not colon:
            faults.append(Fault(f"header line {line!r} is not 'key: value'", "correct it", file=file))
        if key.strip() in head:
            faults.append(Fault(f"the key {key.strip()!r} is twice in the header", "keep one", file=file))
        head[key.strip()] = value.strip()
    if str(head.get(COVERAGE, "")).startswith("{"):  # the only key of meta whose value is not a string
        try:
            head[COVERAGE] = parse_json(head[COVERAGE], file)
        except DataError as error:
            faults += [replace(fault, place=f"header line {COVERAGE!r}") for fault in error.faults]
    return head, faults


def _events(part: str, schema: Schema, file: str) -> tuple[dict[str, Event], list[Fault]]:
    """Return the events by id, without spans, and faults."""
    events: dict[str, Event] = {}
    kinds = schema.toll_kinds
    faults = []
    for line in filter(str.strip, part.split("\n")):
        match = _EVENT.fullmatch(line.strip())
        if not match:
            faults.append(Fault(f"event line {line!r} cannot be read", "write 'E1: type; flag; key=value'", file=file))
            continue
        name, flags, tolls = match[1], dict[str, Any](), dict[str, Toll]()
        if name in events:
            faults.append(Fault("is listed twice", "renumber the events", file=file, place=f"event {name}"))
        for item in filter(None, (item.strip() for item in match[3].split(";"))):
            key, _, value = item.partition("=")
            toll = Toll.from_text(value)
            if key in kinds and value and toll:
                tolls[key] = toll
            elif key in kinds:
                problem = f"the toll {item!r} cannot be read"
                faults.append(Fault(problem, HOW_TO_WRITE, file=file, place=f"event {name}"))
            elif key not in schema.flags:
                known = nearest(key, [*schema.flags, *kinds])
                faults.append(Fault(f"unknown flag or toll {key!r}", known, file=file, place=f"event {name}"))
            else:
                flags[key] = value or True
        events[name] = Event(name, match[2], {}, flags, tolls)
    return events, faults


def _spans(
    part: str, events: Mapping[str, Event], schema: Schema, file: str
) -> tuple[str, list[Span], dict[str, list[str]], list[Fault]]:
    """Remove the marks from the text; return the text, its spans, the events of each span, and faults."""
    pieces: list[str] = []
    spans: list[Span] = []
    ties: dict[str, list[str]] = {}
    faults: list[Fault] = []
    length = at = 0
    part = part.strip("\n")
    for match in _MARK.finditer(part):
        for piece in (part[at : match.start()], match[1]):
            plain = _plain(piece, file, faults)
            pieces.append(plain)
            length += len(plain)
        at = match.end()
        mention, label, kind = pieces[-1], match[2], match[3]
        names = [name for name in (match[4] or "").replace(" ", "").split(",") if name]
        place = f"mark {match[0]!r}"
        faults += [
            Fault(f"names event {n!r}, which is not listed", nearest(n, events), file=file, place=place)
            for n in names
            if n not in events
        ]
        if label not in schema.labels:
            faults.append(Fault(f"unknown label {label!r}", nearest(label, schema.labels), file=file, place=place))
            continue
        if label == schema.trigger and kind is None:
            kind = next((events[name].attack_type for name in names if name in events), None)
        span = Span(f"S{len(spans) + 1}", length - len(mention), length, label, kind)
        spans.append(span)
        ties[span.id] = names
    pieces.append(_plain(part[at:], file, faults))
    return "".join(pieces), spans, ties, faults


def _plain(piece: str, file: str, faults: list[Fault]) -> str:
    stray = _SPECIAL.search(_ESCAPED.sub("", piece))
    if stray:
        faults.append(
            Fault(f"stray {stray[0]!r} in {piece[-60:]!r}", "close the mark, or put a backslash before it", file=file)
        )
    return str(_ESCAPED.sub(r"\1", piece))


def render(document: Document, schema: Schema) -> str:
    """Write a document in inline markup; `parse` reads it back.

    Raises:
        DataError: Markup cannot represent the document: its text starts or ends with an empty line, spans overlap, its
            id or meta do not fit on a line `key: value`, or a kind of toll is not in the schema or not a word.
    """

    def refuse(problem: str) -> NoReturn:
        raise DataError.of(problem, "use JSON Lines", document=document.id)

    text = document.text
    if text != text.strip("\n"):
        refuse("starts or ends with an empty line")
    if any(a.end > b.start for a, b in zip(document.spans, document.spans[1:], strict=False)):
        refuse("has overlapping spans")
    meta = {k: value if isinstance(value, str) else json.dumps(value) for k, value in document.meta.items()}
    lines = [f"id: {document.id}", *(f"{key}: {value}" for key, value in meta.items())]
    expected = {"id": document.id, **meta} | {k: document.meta[k] for k in document.meta if k == COVERAGE}
    if "id" in meta or _head("\n".join(lines), "") != (expected, []):
        refuse("has an id or meta that does not fit on a line 'key: value'")
    problem = "has a toll that markup cannot represent"
    DataError.check(
        Fault(problem, "use JSON Lines", document=document.id, place=f"event {event.id}")
        for event in document.events
        if event.toll and [e.toll for e in _events(_event_line(event), schema, "")[0].values()] != [event.toll]
    )
    return "\n".join([*lines, "---", _marked(document, schema), "---", *map(_event_line, document.events), ""])


def _marked(document: Document, schema: Schema) -> str:
    ties: dict[str, list[str]] = {}
    for event in document.events:
        for span_id in event.span_ids:
            ties.setdefault(span_id, []).append(event.id)
    types = {event.id: event.attack_type for event in document.events}
    pieces, at = [], 0
    for span in document.spans:
        pieces.append(_escape(document.text[at : span.start]))
        # `parse` gives a trigger without a type the type of its first event.
        implied = span.label == schema.trigger and span.id in ties and span.type == types[ties[span.id][0]]
        untyped = span.type is None or implied
        label = span.label if untyped else f"{span.label}:{span.type}"
        events = "|" + ",".join(ties[span.id]) if span.id in ties else ""
        pieces.append(f"{{{_escape(document.mention(span))}|{label}{events}}}")
        at = span.end
    # A line that would end the text gets a backslash; `parse` takes it away.
    return str(regex.sub(r"^(?=---$)", r"\\", "".join([*pieces, _escape(document.text[at:])]), flags=regex.MULTILINE))


def _escape(text: str) -> str:
    return str(_SPECIAL.sub(r"\\\g<0>", text))


def _event_line(event: Event) -> str:
    flags = "".join(f"; {key}" if value is True else f"; {key}={value}" for key, value in event.flags.items())
    tolls = "".join(f"; {kind}={toll.to_text()}" for kind, toll in event.toll.items())
    return f"{event.id}: {event.attack_type}{flags}{tolls}"


def read_folder(folder: Path, schema: Schema) -> list[Document]:
    """Read every `.txt` file under a folder as inline markup.

    Raises:
        DataError: With every fault in every file; with one fault for all marks if the schema has none of their labels.
    """
    documents: list[Document] = []
    faults: list[Fault] = []
    home: dict[str, str] = {}
    labels: dict[str, set[str]] = {}  # by file, where it has any
    for file in text_files(folder):
        with collecting(faults):
            content = _content(file)
            if found := {match[2] for match in _MARK.finditer(content)}:
                labels[str(file)] = found
            document = parse(content, schema, str(file))
            documents.append(document)
            if (other := home.setdefault(document.id, str(file))) != str(file):
                problem, remedy = f"has the same id as {other}", "give it a different id"
                faults.append(Fault(problem, remedy, file=str(file), document=document.id))
    foreign = foreign_labels(set(chain(*labels.values())), schema)
    if faults and foreign and len(labels) > 1:  # a single file may just have a misspelt label
        faults = [fault for fault in faults if fault.file not in labels]
        faults += [replace(fault, file=str(folder)) for fault in foreign]
    DataError.check(faults)
    return documents


def _content(file: Path) -> str:
    """Read a marked-up file. CRLF becomes LF if the whole file uses CRLF; otherwise it is part of the text."""
    content = read_text(file)
    rule = _RULE.search(content)
    return content.replace("\r\n", "\n") if rule and "\r" in rule[0] else content


def write_folder(folder: Path, documents: Iterable[Document], schema: Schema, *, overwrite: bool = True) -> list[Path]:
    """Write each document to a file `<id>.txt` in a folder and return the paths.

    Args:
        folder: The folder.
        documents: Documents with different ids.
        schema: The label set.
        overwrite: Whether to replace files, which may hold somebody's work.

    Raises:
        DataError: An id cannot be a file name, or markup cannot represent a document, or a file may not be replaced;
            nothing is written then.
    """
    rendered: dict[Path, str] = {}
    faults: list[Fault] = []
    for document in documents:
        if not regex.fullmatch(r"[\w.-]*\w[\w.-]*", document.id):
            problem, remedy = "has an id that cannot be a file name", "use letters, digits, '-', '_' and '.'"
            faults.append(Fault(problem, remedy, document=document.id))
        with collecting(faults):
            rendered[folder / f"{document.id}.txt"] = render(document, schema)
    if not overwrite:
        remedy = "name another folder, or remove it"
        faults += [Fault("exists", remedy, file=str(path)) for path in rendered if path.exists()]
    DataError.check(faults)
    for path, content in rendered.items():
        write_text(path, content)
    return list(rendered)


def read_plain(folder: Path) -> list[Document]:
    """Read every `.txt` file under a folder as the text of a document, which is named after the file.

    Empty lines at the edges of a text are left out, since markup cannot hold them.

    Raises:
        DataError: With every fault: a file that is empty, not UTF-8 or marked up already, or two files of one name.
    """
    documents: list[Document] = []
    faults: list[Fault] = []
    home: dict[str, Path] = {}
    for file in text_files(folder):
        try:
            text = read_text(file).rstrip().lstrip("\r\n")
        except DataError as error:
            faults += error.faults
            continue
        name = _NOT_IN_NAMES.sub("-", file.stem)
        if not text:
            faults.append(Fault("has no text", "remove it", file=str(file)))
        elif len(_RULE.split(text + "\n")) == _PARTS:
            remedy = "convert it to a .jsonl file, or remove it from the folder"
            faults.append(Fault("is marked up already", remedy, file=str(file)))
        elif home.setdefault(name, file) != file:
            faults.append(Fault(f"gives the same id as {home[name]}", "rename it", file=str(file), document=name))
        else:
            documents.append(Document(name, text))
    DataError.check(faults)
    return documents
