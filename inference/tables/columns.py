"""Columns of the event table and of the span table: name, type, meaning, counterparts, and where the value is from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from annotations.schema import DATES, Role, Schema
from annotations.text.reading import plain
from inference.numbers.toll import Toll, describe
from inference.tables.place_columns import LOCATIONS, PLACES

Cell = str | int | float | bool | None
JOIN = "; "  # between several values of a cell
_GTD, _ACLED = "gtd", "acled"
# Roles whose columns have a name that analysts know; others have the name of the role.
_ROLE_NAMES = {
    "perpetrators": "actor1",
    "victims": "actor2",
    "locations": "location",
    "targets": "target",
    "weapons": "weapon",
}
_ROLE_COUNTERPARTS = {  # ACLED, GTD
    "perpetrators": ("actor1", "gname"),
    "victims": ("actor2", "target1"),
    "locations": ("location", "city, location"),
    "targets": ("", "target1"),
    "weapons": ("", "weapdetail"),
}
_ATTACKERS = "killed_attackers"
_KIND_NAMES = {"killed": "fatalities"}
_KIND_COUNTERPARTS = {"killed": ("fatalities", "nkill"), "injured": ("", "nwound"), "abducted": ("", "nhostkid")}
_FLAGS = {
    "suicide": ("The text says that it was a suicide attack.", "", "suicide"),
    "claimed": ("The text says that somebody claims it.", "", "claimed"),
    "stage": ("`attempted` or `threatened`; empty if it was carried out.", "", "success"),
}
_CODES = {
    _GTD: ("gtd_type", "The type in the Global Terrorism Database.", "", "attacktype1_txt"),
    _ACLED: ("acled_type", "The type in ACLED.", "sub_event_type", ""),
    "muc4": ("muc4_type", "The type in MUC-4.", "", ""),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What the cells of one event are taken from.

    Args:
        source_id: Id of the text.
        event_id: Id of the event.
        record: The prediction, as `to_dict()` returns it.
        event: The event in it.
        words: Text of each span, by id.
        notes: The sentences that the event rests on.
    """

    source_id: str
    event_id: str
    record: Mapping[str, Any]
    event: Mapping[str, Any]
    words: Mapping[str, str]
    notes: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Args:
        name: Its heading.
        kind: `text`, `integer`, `number`, `boolean` or `date`.
        meaning: What its cells say.
        acled: The closest column of ACLED; empty if there is none.
        gtd: The closest column of the Global Terrorism Database; empty if there is none.
        value: Returns its cell; None is an empty cell.
    """

    name: str
    kind: str
    meaning: str
    acled: str = ""
    gtd: str = ""
    value: Callable[[Any], Cell] = field(default=lambda told: None, repr=False, compare=False)


def event_columns(schema: Schema) -> tuple[Column, ...]:
    """Return the columns of the event table, which follow from the schema.

    Example:
        >>> from annotations import load_schema
        >>> [column.name for column in event_columns(load_schema())][:4]
        ['source_id', 'event_id', 'event_date', 'event_date_end']
    """
    dates = [column for name in schema.arguments if name == DATES for column in _DATES]
    found = [*_FIRST, *dates, _TYPE, *_code_columns(schema)]
    for name, role in schema.arguments.items():
        found += _role_columns(role) if name != DATES else ()
        found += _PLACES if name == LOCATIONS else ()
    for kind, definition in schema.toll_kinds.items():
        found += _toll_columns(kind, definition.definition)
    found += _attackers() if "killed" in schema.toll_kinds else ()
    for flag in schema.flags:
        found.append(_flag_column(flag, [value for value in schema.flags[flag] if isinstance(value, str)]))
    return tuple(_distinct([*found, *_ATTRIBUTION, *_LAST]))


def span_columns() -> tuple[Column, ...]:
    """Return the columns of the span table."""
    return _SPANS


def _distinct(columns: Iterable[Column]) -> Iterator[Column]:
    """Rename a column whose name another has, as a schema may call a role or a kind of toll `notes`."""
    taken: set[str] = set()
    for column in columns:
        name, number = column.name, 2
        while name in taken:
            name, number = f"{column.name}_{number}", number + 1
        taken.add(name)
        yield replace(column, name=name)


def _code_columns(schema: Schema) -> Iterator[Column]:
    for book in schema.code_books:
        name, meaning, acled, gtd = _CODES[book]
        yield Column(name, "text", meaning, acled, gtd, lambda told, book=book: told.event.get(book))  # type: ignore[misc]


def _joined(values: Iterable[str | None]) -> str | None:
    """Join different values, each on one line, in order of first mention."""
    found = {plain(value).casefold(): plain(value) for value in reversed([value for value in values if value])}
    return JOIN.join(reversed(found.values())) or None


def _role_columns(role: Role) -> Iterator[Column]:
    acled, gtd = _ROLE_COUNTERPARTS.get(role.name, ("", ""))
    name, title = _ROLE_NAMES.get(role.name, role.name), role.name.replace("_", " ")
    meaning = f"The {title}, as the text names them, separated by '{JOIN}'."
    if not role.named:
        yield Column(
            name,
            "text",
            meaning,
            acled,
            gtd,
            lambda told: _joined(told.words[i] for i in told.event.get(role.name, ())),
        )
        return
    yield Column(
        name, "text", meaning, acled, gtd, lambda told: _joined(who["name"] for who in told.event.get(role.name, ()))
    )
    if role.categories:
        known = ", ".join(f"`{category}`" for category in dict.fromkeys(role.categories.values()))
        category = "victim_category" if role.name == "victims" else f"{name}_category"
        yield Column(
            category,
            "text",
            f"The different categories of the {title}: {known}. Empty if no word tells one.",
            "civilian_targeting" if role.name == "victims" else "",
            "targtype1_txt" if role.name == "victims" else "",
            lambda told: _joined(who["category"] for who in told.event.get(role.name, ())),
        )


def _toll_columns(kind: str, definition: str) -> Iterator[Column]:
    name = _KIND_NAMES.get(kind, kind)
    acled, gtd = _KIND_COUNTERPARTS.get(kind, ("", ""))
    what = definition.rstrip(".")

    def of(key: str) -> Callable[[Told], Cell]:
        return lambda told: told.event["toll"].get(kind, {}).get(key)

    yield Column(
        f"{name}_low", "integer", f"{what}: the fewest that the text allows. Empty: not told.", acled, gtd, of("min")
    )
    yield Column(f"{name}_high", "integer", f"{what}: the most. Empty: not told, or no upper bound.", "", "", of("max"))
    yield Column(
        f"{name}_approximate",
        "boolean",
        f"{what}: whether the bounds are rough. Empty: no figure is told.",
        "",
        "",
        of("approximate"),
    )
    yield Column(
        f"{name}_words",
        "text",
        f"{what}: the words that the figure is from. Empty: no figure is told.",
        "",
        "",
        lambda told: _joined(told.event["toll"].get(kind, {}).get("words", ())),
    )
    yield Column(
        f"{name}_implied",
        "boolean",
        f"{what}: true if victims are told one by one, without a figure. Empty: a figure is told, or nothing.",
        "",
        "",
        of("implied"),
    )


def _attackers() -> Iterator[Column]:
    """Yield the columns of the attackers' own dead, which are not among the others unless one figure counts all."""
    for end, key in (("low", "min"), ("high", "max")):
        meaning = f"The attackers' own dead, apart from the fatalities: the {'fewest' if key == 'min' else 'most'}."
        yield Column(
            f"attackers_killed_{end}",
            "integer",
            meaning,
            "",
            "nkillter" if key == "min" else "",
            lambda told, key=key: told.event["toll"].get(_ATTACKERS, {}).get(key),  # type: ignore[misc]
        )

    yield Column(
        "attackers_killed_included",
        "boolean",
        "True if one figure counts all the dead, so that the fatalities count the attackers, too. Empty: they do not.",
        "",
        "",
        lambda told: told.event["toll"].get(_ATTACKERS, {}).get("included"),
    )


def _flag_column(flag: str, values: list[str]) -> Column:
    meaning, acled, gtd = _FLAGS.get(flag, (f"The flag {flag.replace('_', ' ')}.", "", ""))
    kind = "text" if values else "boolean"
    end = "" if values else " Empty: the text does not say so."
    return Column(flag, kind, meaning + end, acled, gtd, lambda told: told.event["flags"].get(flag))


def _date(key: str) -> Callable[[Told], Cell]:
    return lambda told: told.event.get("date", {}).get(key)


def _claims(told: Told) -> Cell:
    """Return the figures that contradict each other, each with who gives it, the one that is used first."""
    return _joined(
        f"{kind}: {describe(Toll(claim['min'], claim['max'], claim['approximate']))} ({claim['by'] or 'the text'})"
        for kind, toll in told.event["toll"].items()
        for claim in toll.get("claims", ())
    )


_FIRST = (
    Column(
        "source_id",
        "text",
        "Id of the text: a path, or the id in JSON Lines.",
        "source",
        "scite1",
        lambda t: t.source_id,
    ),
    Column(
        "event_id",
        "text",
        "Id of the event: a hash of the text, and the offset of the event's first trigger. It is the same on each run, "
        "wherever the file is, and for each model that finds the same first trigger. The same text under two ids has "
        "the same event ids.",
        "event_id_cnty",
        "eventid",
        lambda told: told.event_id,
    ),
)
_DATES = (
    Column(
        "event_date",
        "date",
        "First day of the date. Empty: not known.",
        "event_date",
        "iyear, imonth, iday",
        _date("start"),
    ),
    Column("event_date_end", "date", "Last day of the date; the same day if the day is known.", "", "", _date("end")),
    Column(
        "event_date_precision",
        "text",
        "How precise the date is: `day`, `week`, `month` or `year`.",
        "time_precision",
        "approxdate",
        _date("precision"),
    ),
    Column(
        "event_date_text",
        "text",
        f"The words for the date, as the text has them, separated by '{JOIN}'.",
        "",
        "",
        lambda told: _joined(told.words[i] for i in told.event.get(DATES, ())),
    ),
)
_PLACES = tuple(
    Column(name, kind, meaning, acled, gtd, lambda told, key=key: told.event.get("place", {}).get(key))  # type: ignore[misc]
    for name, kind, meaning, acled, gtd, key in PLACES
)
_TYPE = Column("event_type", "text", "The attack type of the schema.", "", "", lambda told: told.event["attack_type"])
_ATTRIBUTION = tuple(
    Column(key, "text", meaning, "", gtd, lambda told, key=key: _joined(told.event["attribution"][key]))  # type: ignore[misc]
    for key, meaning, gtd in (
        ("claimed_by", "Who claims it, as the text names them.", ""),
        ("denied_by", "Who denies it.", ""),
        ("blamed", "Who is blamed for it by others.", ""),
    )
)
_LAST = (
    Column(
        "claims",
        "text",
        f"Figures that contradict each other, with who gives them, separated by '{JOIN}'; of each kind the one that is "
        "used comes first. Empty: no figure is disputed.",
        "",
        "",
        _claims,
    ),
    Column(
        "confidence",
        "number",
        "Probability, 0 to 1, that the text reports this event with this type; without a linker, the highest score "
        "of a trigger.",
        "",
        "",
        lambda told: told.event["score"],
    ),
    Column("notes", "text", "The sentences that the event rests on.", "notes", "summary", lambda told: told.notes),
    Column("model", "text", "Name of the model.", "", "", lambda told: told.record["model"]),
    Column(
        "convention",
        "text",
        "How vague numbers such as 'dozens' are read.",
        "",
        "",
        lambda told: told.record["convention"],
    ),
)


def _of_span(key: str) -> Callable[[Mapping[str, Cell]], Cell]:
    return lambda span: span[key]


_SPANS = tuple(
    Column(name, kind, meaning, "", "", _of_span(name))
    for name, kind, meaning in (
        ("source_id", "text", "Id of the text, as in the event table."),
        ("span_id", "text", "Id of the span in its text."),
        ("event_id", "text", f"Ids of the events it belongs to, separated by '{JOIN}'. Empty: none."),
        ("label", "text", "Its label."),
        ("type", "text", "Its type, for labels with types."),
        ("start", "integer", "Offset of its first character, in Unicode characters of the text."),
        ("end", "integer", "Offset after its last character."),
        ("text", "text", "Its text."),
        ("confidence", "number", "Its confidence, 0 to 1, calibrated."),
        ("model", "text", "Name of the model."),
    )
)
