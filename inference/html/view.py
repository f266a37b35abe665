"""Predictions as HTML: fragments for notebooks, and pages of any number of texts; all text is escaped, nothing is
loaded from outside."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from annotations.schema import DATES, LOCATIONS, TOLL, TRIGGERS, Schema
from inference.numbers.toll import Toll, describe
from inference.tables.rows import span_ids

_HASH = 8  # hexadecimal digits that tell the texts of a notebook apart


class Shown(Protocol):
    """A prediction: its text, its schema, and its content as plain values."""

    @property
    def text(self) -> str:
        """The text."""
        ...

    @property
    def schema(self) -> Schema:
        """The label set."""
        ...

    def to_dict(self) -> Mapping[str, Any]:
        """Return spans and events."""
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text: plain, or a span with the ids of its events."""

    text: str
    span: Mapping[str, Any] | None = None
    events: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Label and type of the span."""
        span = self.span or {}
        return str(span.get("label", "")).lower() + (f": {span['type']}" if span.get("type") else "")


@dataclass(frozen=True, slots=True)
class Item:
    """A part of a cell: words, what comes before and after them, the spans they are from, and whether they stay on one
    line."""

    words: str
    spans: Sequence[str] = ()
    before: str = ""
    after: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """An event: its type and score, and its cells by heading."""

    id: str
    type: str
    score: float
    triggers: Sequence[Item]
    cells: Mapping[str, Sequence[Item]]


@dataclass(frozen=True, slots=True)
class View:
    """A text with its spans and events."""

    name: str  # its name; empty for a text alone
    key: str  # start of the ids of its elements, unique on a page
    record: Mapping[str, Any]  # its prediction as plain values
    pieces: Sequence[Piece]  # the whole text, in order
    rows: Sequence[Row]  # its events
    headings: Sequence[str]  # headings of the columns that some event fills

    @property
    def types(self) -> list[str]:
        """The different types of its events."""
        return list(dict.fromkeys(row.type for row in self.rows))

    @property
    def relevance(self) -> float | None:
        """The probability that it reports an attack at all; None if the model does not know."""
        return self.record.get("relevance")

    @property
    def countries(self) -> list[str]:
        """The different countries of its events, as far as places were looked up and are clear."""
        return list(dict.fromkeys(event["place"]["country"] for event in self.record["events"] if "place" in event))

    @property
    def labels(self) -> list[str]:
        """The different labels of its spans."""
        return list(dict.fromkeys(span["label"] for span in self.record["spans"]))


def view(shown: Shown, name: str, key: str) -> View:
    """Return what a page shows of a prediction."""
    record, schema = shown.to_dict(), shown.schema
    words = {span["id"]: " ".join(span["text"].split()) for span in record["spans"]}
    rows = [
        Row(event["id"], event["attack_type"], event["score"], _mentions(event[TRIGGERS], words),
            {heading: items for heading, items in _cells(event, words, schema) if items})
        for event in record["events"]
    ]  # fmt: skip
    headings = dict.fromkeys(heading for event in record["events"] for heading, _ in _cells(event, words, schema))
    filled = [heading for heading in headings if any(heading in row.cells for row in rows)]
    return View(name, key, record, list(_pieces(shown.text, record, schema)), rows, filled)


def _pieces(text: str, record: Mapping[str, Any], schema: Schema) -> Iterator[Piece]:
    events: dict[str, dict[str, None]] = {}
    for event in record["events"]:
        claims = (claim for toll in event["toll"].values() for claim in toll.get("claims", ()))
        for span_id in (*span_ids(event, schema), *(i for claim in claims for i in claim["spans"])):
            events.setdefault(span_id, {})[event["id"]] = None
    at = 0
    for span in record["spans"]:
        if at < span["start"]:
            yield Piece(text[at : span["start"]])
        yield Piece(text[span["start"] : span["end"]], span, tuple(events.get(span["id"], ())))
        at = span["end"]
    if at < len(text):
        yield Piece(text[at:])


def _cells(event: Mapping[str, Any], words: Mapping[str, str], schema: Schema) -> Iterator[tuple[str, list[Item]]]:
    """Yield the cells of an event: who, how many, what with, where, when, and what the text says about it."""
    roles = list(schema.arguments.values())
    for role in roles:
        if role.named:
            yield (
                role.heading or _heading(role.name),
                [
                    Item(who["name"], who["spans"], after=f" ({who['category']})" if who.get("category") else "")
                    for who in event.get(role.name, ())
                ],
            )
    if schema.quantity:
        yield TOLL, list(_tolls(event["toll"]))
    for role in roles:
        if not role.named:
            resolved = [make(event[key]) for name, key, make in _RESOLVED if role.name == name and key in event]
            yield role.heading or _heading(role.name), [*resolved, *_mentions(event.get(role.name, ()), words)]
    told = [Item(str(value), before=f"{flag}: ") if value is not True else Item(flag)
            for flag, value in event["flags"].items()]  # fmt: skip
    named = [
        Item(", ".join(names), before=f"{key.replace('_', ' ')}: ")
        for key, names in event["attribution"].items()
        if names
    ]
    yield "Said of it", [*told, *named]


def _heading(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _mentions(ids: Sequence[str], words: Mapping[str, str]) -> list[Item]:
    """Return mentions, each wording once."""
    grouped: dict[str, list[str]] = {}
    for span_id in ids:
        grouped.setdefault(words[span_id], []).append(span_id)
    return [Item(text, spans) for text, spans in grouped.items()]


def _tolls(tolls: Mapping[str, Mapping[str, Any]]) -> Iterator[Item]:
    """Yield tolls, and where sources differ, who says what."""
    for kind, toll in tolls.items():
        after = " (implied)" if toll.get("implied") else ""
        yield Item(_number(toll), toll["spans"], f"{kind.replace('_', ' ')}: ", after)
        for claim in toll.get("claims", ()):
            yield Item(_number(claim), claim["spans"], f"{claim['by'] or 'the text itself'} says ")


def _number(toll: Mapping[str, Any]) -> str:
    return describe(Toll(toll["min"], toll["max"], toll["approximate"]))


def _date(date: Mapping[str, str]) -> Item:
    days = date["start"] if date["start"] == date["end"] else f"{date['start']} to {date['end']}"
    return Item(days, [date["span"]], whole=True)


def _place(place: Mapping[str, Any]) -> Item:
    parts = (place["name"], place["region"], place["country"])
    return Item(", ".join(dict.fromkeys(filter(None, parts))), after=f" ({place['precision']})")


# What stands before the words of a role: the role, the key of the event that holds what they mean, how to show it.
_RESOLVED = ((DATES, "date", _date), (LOCATIONS, "place", _place))


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # costs time only where a page is made

    return Environment(
        loader=PackageLoader("inference.html", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _render(template: str, **values: Any) -> str:
    return str(_environment().get_template(template).render(**values))


def fragment(shown: Shown, name: str = "") -> str:
    """Return a text with its spans marked and its events in a table, with its own style and without a script."""
    key = f"ce-{hashlib.sha256(shown.text.encode('utf-8', 'replace')).hexdigest()[:_HASH]}-"
    one = view(shown, name, key)
    return _render("fragment.html", one=one, classes=_classes(shown.schema), schema=shown.schema)


def page(found: Iterable[tuple[str, Shown]], schema: Schema, title: str = "conflict-events") -> str:
    """Return a page of texts with their names; arguments as for `page_pieces`."""
    return "".join(page_pieces(found, schema, title))


def page_pieces(found: Iterable[tuple[str, Shown]], schema: Schema, title: str = "conflict-events") -> Iterator[str]:
    """Yield the pieces of a page, taking one prediction at a time.

    Several texts get a list with their counts, a search and filters. The page can be read without scripts.
    """
    script = _environment().get_template("page.js").render()
    classes = _classes(schema)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    yield _render("page_head.html", title=title, schema=schema, classes=classes, digest=digest)
    entries: list[tuple[str, str, int, int]] = []
    for number, (name, shown) in enumerate(found, start=1):
        one: View = view(shown, name, f"d{number}-")
        entries.append((one.key, name or f"Text {number}", len(one.rows), len(one.record["spans"])))
        yield _render("document.html", one=one, classes=classes, schema=schema)
    yield _render("page_end.html", entries=entries, event=schema.event, script=_safe(script))


def _classes(schema: Schema) -> dict[str, str]:
    """Return the CSS class of each label; labels may hold any characters, classes may not."""
    return {label: f"l{number}" for number, label in enumerate(schema.labels)}


def _safe(script: str) -> Any:
    from markupsafe import Markup

    return Markup(script)  # noqa: S704
