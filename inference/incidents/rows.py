"""Incidents as rows of a table, and what their columns mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter

from annotations.text.reading import plain
from inference.incidents.incident import Incident, Member, Mention
from inference.tables.columns import JOIN, Cell, Column
from inference.tables.rows import Row

_KINDS = {  # kind of toll, with the start of its columns and what it counts
    "killed": ("fatalities", "People killed"),
    "injured": ("injured", "People wounded"),
    "abducted": ("abducted", "People taken or held"),
    "displaced": ("displaced", "People driven from home"),
    "killed_attackers": ("attackers_killed", "The attackers' own dead"),
}
_FATALITIES = {"killed": ("fatalities", "nkill"), "injured": ("", "nwound"), "killed_attackers": ("", "nkillter")}


def incident_columns() -> tuple[Column, ...]:
    """Return the columns of the table of incidents.

    Example:
        >>> [column.name for column in incident_columns()][:4]
        ['incident_id', 'event_date', 'event_date_end', 'event_type']
    """
    tolls = (column for kind in _KINDS for column in _toll_columns(kind))
    return (*_FIRST, *tolls, *_LAST)


def to_rows(incidents: Iterable[Incident]) -> list[Row]:
    """Return one row for each incident, with every column; the codebook describes them."""
    columns = incident_columns()
    return [{column.name: column.value(incident) for column in columns} for incident in incidents]


def _joined(values: Sequence[str]) -> str | None:
    return JOIN.join(plain(value) for value in values) or None


def _toll_columns(kind: str) -> Iterable[Column]:
    name, what = _KINDS[kind]
    best = "The most recent report, and of several the figure of the majority, else the lowest."
    told = "report by report, the earliest first: day of the article, number, id of the article."

    def told_as(key: str) -> Callable[[Incident], Cell]:
        return lambda one: attrgetter(key)(one.toll[kind]) if kind in one.toll else None

    fewest = f"{what}: the fewest. {best} Empty: not told."
    most = f"{what}: the most, by the same report. Empty: not told, or no upper bound."
    yield Column(f"{name}_low", "integer", fewest, told_as("best.min"), *_FATALITIES.get(kind, ()))
    yield Column(f"{name}_high", "integer", most, told_as("best.max"))
    yield Column(f"{name}_lowest", "integer", f"{what}: the smallest number of any report.", told_as("min"))
    yield Column(f"{name}_highest", "integer", f"{what}: the largest number of any report.", told_as("max"))
    yield Column(f"{name}_reports", "text", f"{what}, {told}", lambda one: _told(one, kind))


def _told(incident: Incident, kind: str) -> str | None:
    if kind not in incident.toll:
        return None
    told = incident.toll[kind].reports
    return _joined([f"{one.date or 'undated'} {one.toll.to_text()} ({one.source})" for one in told])


def _day(key: str) -> Callable[[Incident], Cell]:
    return lambda one: getattr(one, key).isoformat() if getattr(one, key) else None


def _shares(key: str) -> Callable[[Incident], Cell]:
    """Return the function for the members or mentions of an incident, each with its probability."""
    return lambda one: _joined([" ".join([*_ids(other), f"{other.score:.2f}"]) for other in getattr(one, key)])


def _ids(one: Member | Mention) -> tuple[str, ...]:
    return (one.document, one.event) if isinstance(one, Member) else (one.document,)


_ID = "Id of the incident: a hash of its members. It changes when a report is added."
_FROM = "First day on which it may have happened. Empty: no report tells."
_STAGE = "`attempted` or `threatened` if most reports say so."
_WHERE = f"The places, those in most reports first, separated by '{JOIN}'."
_WHO = "The perpetrators, names first and those in most reports first."
_TYPE = "The attack type that most reports give."
_MEMBERS = "Its events: id of the article, id of the event in it, and the probability that it belongs with the others."
_MENTIONS = "Articles without an event that tell of it: id of the article, and the probability that it does."
_FIRST = (
    Column("incident_id", "text", _ID, lambda one: one.id, "event_id_cnty", "eventid"),
    Column("event_date", "date", _FROM, _day("start"), "event_date", "iyear, imonth, iday"),
    Column("event_date_end", "date", "Last day; the same day if the day is known.", _day("end")),
    Column("event_type", "text", _TYPE, lambda one: one.attack_type, gtd="attacktype1_txt"),
    Column("stage", "text", _STAGE, lambda one: one.stage or None, gtd="success"),
    Column("location", "text", _WHERE, lambda one: _joined(one.places), "location", "city, location"),
    Column("actor1", "text", _WHO, lambda one: _joined(one.perpetrators), "actor1", "gname"),
    Column("actor2", "text", "The victims, in the same order.", lambda one: _joined(one.victims), "actor2", "target1"),
)
_BEST = "Highest confidence of an event among its members."
_LAST = (
    Column("reports", "integer", "Number of articles with an event that report it.", lambda one: one.reports),
    Column("confidence", "number", _BEST, lambda one: round(one.confidence, 4)),
    Column("members", "text", _MEMBERS, _shares("members"), "source", "scite1, scite2, scite3"),
    Column("mentions", "text", _MENTIONS, _shares("mentions")),
)
