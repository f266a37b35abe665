"""Columns of the event table and of the span table: name, type, meaning, counterparts, and where the value is from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

from annotations.schema import DATES, LOCATIONS, Role, Schema
from annotations.text.reading import plain
from inference.numbers.toll import Toll, describe

Cell = str | int | float | bool | None
JOIN = "; "  # between several values of a cell
# By role: a column name that analysts know, and the counterparts in ACLED and GTD; others have the name of the role.
_ROLES = {
    "perpetrators": ("actor1", "actor1", "gname"),
    "victims": ("actor2", "actor2", "target1"),
    "locations": ("location", "location", "city, location"),
    "targets": ("target", "", "target1"),
    "weapons": ("weapon", "", "weapdetail"),
}
ATTACKERS = "killed_attackers"  # the key of the attackers' own dead, beside the kinds of toll of a schema
_KIND_NAMES = {"killed": "fatalities"}
_KIND_COUNTERPARTS = {"killed": ("fatalities", "nkill"), "injured": ("", "nwound"), "abducted": ("", "nhostkid")}
_FLAGS = {
    "suicide": ("The text says that it was a suicide attack.", "", "suicide"),
    "claimed": ("The text says that somebody claims it.", "", "claimed"),
    "stage": ("`attempted` or `threatened`; empty if it was carried out.", "", "success"),
}
_CODES = {
    "gtd": ("gtd_type", "The type in the Global Terrorism Database.", "", "attacktype1_txt"),
    "acled": ("acled_type", "The type in ACLED.", "sub_event_type", ""),
    "muc4": ("muc4_type", "The type in MUC-4.", "", ""),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What the cells of one event are taken from."""

    source_id: str  # id of the text
    event_id: str  # id of the event
    record: Mapping[str, Any]  # the prediction, as `to_dict()` returns it
    event: Mapping[str, Any]  # the event in it
    words: Mapping[str, str]  # text of each span, by id
    notes: str  # the sentences that the event rests on


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Args:
        name: Its heading.
        kind: `text`, `integer`, `number`, `boolean` or `date`.
        meaning: What its cells say.
        value: Returns its cell; None is an empty cell.
        acled: The closest column of ACLED; empty if there is none.
        gtd: The closest column of the Global Terrorism Database; empty if there is none.
    """

    name: str
    kind: str
    meaning: str
    value: Callable[[Any], Cell] = field(default=lambda told: None, repr=False, compare=False)
    acled: str = ""
    gtd: str = ""


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
    found += _ATTACKERS if "killed" in schema.toll_kinds else ()
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


def _at(*path: str) -> Callable[[Told], Cell]:
    """Return the function for the cell of a value in the event; what is not there is an empty cell."""

    def value(told: Told) -> Cell:
        found: Any = told.event
        for key in path:
            found = found.get(key) if isinstance(found, Mapping) else None
        return _joined(found) if isinstance(found, list) else found

    return value


def _words_of(role: str) -> Callable[[Told], Cell]:
    return lambda told: _joined(told.words[i] for i in told.event.get(role, ()))


def _code_columns(schema: Schema) -> Iterator[Column]:
    for book in schema.code_books:
        name, meaning, acled, gtd = _CODES[book]
        yield Column(name, "text", meaning, _at(book), acled, gtd)


def _joined(values: Iterable[str | None]) -> str | None:
    """Join different values, each on one line, in order of first mention."""
    found = {plain(value).casefold(): plain(value) for value in reversed([value for value in values if value])}
    return JOIN.join(reversed(found.values())) or None


def _role_columns(role: Role) -> Iterator[Column]:
    name, acled, gtd = _ROLES.get(role.name, (role.name, "", ""))
    title = role.name.replace("_", " ")
    meaning = f"The {title}, as the text names them, separated by '{JOIN}'."
    if not role.named:
        yield Column(name, "text", meaning, _words_of(role.name), acled, gtd)
        return

    def told_of(key: str) -> Callable[[Told], Cell]:
        return lambda told: _joined(who[key] for who in told.event.get(role.name, ()))

    yield Column(name, "text", meaning, told_of("name"), acled, gtd)
    if role.categories:
        known = ", ".join(f"`{category}`" for category in dict.fromkeys(role.categories.values()))
        meaning = f"The different categories of the {title}: {known}. Empty if no word tells one."
        books = ("civilian_targeting", "targtype1_txt") if role.name == "victims" else ("", "")
        category = "victim_category" if role.name == "victims" else f"{name}_category"
        yield Column(category, "text", meaning, told_of("category"), *books)


def _toll_columns(kind: str, definition: str) -> Iterator[Column]:
    name, what = _KIND_NAMES.get(kind, kind), definition.rstrip(".")
    books = _KIND_COUNTERPARTS.get(kind, ("", ""))
    implied = "true if victims are told one by one, without a figure. Empty: a figure is told, or nothing."
    for end, form, meaning, key in (
        ("low", "integer", "the fewest that the text allows. Empty: not told.", "min"),
        ("high", "integer", "the most. Empty: not told, or no upper bound.", "max"),
        ("approximate", "boolean", "whether the bounds are rough. Empty: no figure is told.", "approximate"),
        ("words", "text", "the words that the figure is from. Empty: no figure is told.", "words"),
        ("implied", "boolean", implied, "implied"),
    ):
        counterparts = books if end == "low" else ("", "")
        yield Column(f"{name}_{end}", form, f"{what}: {meaning}", _at("toll", kind, key), *counterparts)


def _flag_column(flag: str, values: list[str]) -> Column:
    meaning, acled, gtd = _FLAGS.get(flag, (f"The flag {flag.replace('_', ' ')}.", "", ""))
    kind = "text" if values else "boolean"
    end = "" if values else " Empty: the text does not say so."
    return Column(flag, kind, meaning + end, _at("flags", flag), acled, gtd)


def _claims(told: Told) -> Cell:
    """Return the figures that contradict each other, each with who gives it, the one that is used first."""
    return _joined(
        f"{kind}: {describe(Toll(claim['min'], claim['max'], claim['approximate']))} ({claim['by'] or 'the text'})"
        for kind, toll in told.event["toll"].items()
        for claim in toll.get("claims", ())
    )


_SOURCE = "Id of the text: a path, or the id in JSON Lines."
_EVENT_ID = (
    "Id of the event: a hash of the text, and the offset of the event's first trigger. It is the same on each run, "
    "wherever the file is, and for each model that finds the same first trigger. The same text under two ids has the "
    "same event ids."
)
_DATE_WORDS = f"The words for the date, as the text has them, separated by '{JOIN}'."
_PRECISION = "How precise the date is: `day`, `week`, `month` or `year`."
_ASKED = "Only if places are looked up (`--geo`); empty if the text is not clear."
_ALL_DEAD = (
    "True if one figure counts all the dead, so that the fatalities count the attackers, too. Empty: they do not."
)
_CLAIMS = (
    f"Figures that contradict each other, with who gives them, separated by '{JOIN}'; of each kind the one that is "
    "used comes first. Empty: no figure is disputed."
)
_CONFIDENCE = (
    "Probability, 0 to 1, that the text reports this event with this type; without a linker, the highest score of a "
    "trigger."
)
_FIRST = (
    Column("source_id", "text", _SOURCE, lambda told: told.source_id, "source", "scite1"),
    Column("event_id", "text", _EVENT_ID, lambda told: told.event_id, "event_id_cnty", "eventid"),
)
_FIRST_DAY = "First day of the date. Empty: not known."
_LAST_DAY = "Last day of the date; the same day if the day is known."
_DATES = (
    Column("event_date", "date", _FIRST_DAY, _at("date", "start"), "event_date", "iyear, imonth, iday"),
    Column("event_date_end", "date", _LAST_DAY, _at("date", "end")),
    Column("event_date_precision", "text", _PRECISION, _at("date", "precision"), "time_precision", "approxdate"),
    Column("event_date_text", "text", _DATE_WORDS, _words_of(DATES)),
)
_PLACES = tuple(
    Column(name, kind, meaning, _at("place", key), acled, gtd)
    for name, kind, meaning, key, acled, gtd in (
        ("country", "text", f"Country of the place. {_ASKED}", "country", "country", "country_txt"),
        ("country_iso3", "text", "ISO 3166-1 code of the country, three letters.", "alpha3", "", ""),
        ("admin1", "text", "First-order region, such as a province.", "region", "admin1", "provstate"),
        ("latitude", "number", "Degrees north; for a region those of its largest city.", *["latitude"] * 3),
        ("longitude", "number", "Degrees east.", *["longitude"] * 3),
        ("geo_precision", "text", "`city`, `region` or `country`.", "precision", "geo_precision", "specificity"),
    )
)
_TYPE = Column("event_type", "text", "The attack type of the schema.", _at("attack_type"))
_DEAD = "The attackers' own dead, apart from the fatalities: the"
_ATTACKERS = (  # of their dead, who are not among the others unless one figure counts all
    Column("attackers_killed_low", "integer", f"{_DEAD} fewest.", _at("toll", ATTACKERS, "min"), gtd="nkillter"),
    Column("attackers_killed_high", "integer", f"{_DEAD} most.", _at("toll", ATTACKERS, "max")),
    Column("attackers_killed_included", "boolean", _ALL_DEAD, _at("toll", ATTACKERS, "included")),
)
_ATTRIBUTION = (
    Column("claimed_by", "text", "Who claims it, as the text names them.", _at("attribution", "claimed_by")),
    Column("denied_by", "text", "Who denies it.", _at("attribution", "denied_by")),
    Column("blamed", "text", "Who is blamed for it by others.", _at("attribution", "blamed")),
)
_LAST = (
    Column("claims", "text", _CLAIMS, _claims),
    Column("confidence", "number", _CONFIDENCE, _at("score")),
    Column("notes", "text", "The sentences that the event rests on.", lambda told: told.notes, "notes", "summary"),
    Column("model", "text", "Name of the model.", lambda told: told.record["model"]),
    Column(
        "convention", "text", "How vague numbers such as 'dozens' are read.", lambda told: told.record["convention"]
    ),
)
_SPANS = tuple(
    Column(name, kind, meaning, itemgetter(name))
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
