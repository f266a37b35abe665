"""Incidents as rows of a table, and what their columns mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from annotations.text.reading import plain
from inference.incidents.incident import Incident
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
    acled, gtd = _FATALITIES.get(kind, ("", ""))
    best = "The most recent report, and of several the figure of the majority, else the lowest."

    def bound(key: str) -> Callable[[Incident], Cell]:
        return lambda one: getattr(one.toll[kind].best, key) if kind in one.toll else None

    def over(key: str) -> Callable[[Incident], Cell]:
        return lambda one: getattr(one.toll[kind], key) if kind in one.toll else None

    yield Column(f"{name}_low", "integer", f"{what}: the fewest. {best} Empty: not told.", acled, gtd, bound("min"))
    yield Column(
        f"{name}_high",
        "integer",
        f"{what}: the most, by the same report. Empty: not told, or no upper bound.",
        "",
        "",
        bound("max"),
    )
    yield Column(f"{name}_lowest", "integer", f"{what}: the smallest number of any report.", "", "", over("min"))
    yield Column(f"{name}_highest", "integer", f"{what}: the largest number of any report.", "", "", over("max"))
    yield Column(
        f"{name}_reports",
        "text",
        f"{what}, report by report, the earliest first: day of the article, number, id of the article.",
        "",
        "",
        lambda one: _told(one, kind),
    )


def _told(incident: Incident, kind: str) -> str | None:
    if kind not in incident.toll:
        return None
    told = incident.toll[kind].reports
    return _joined([f"{one.date or 'undated'} {one.toll.to_text()} ({one.source})" for one in told])


def _first_day(one: Incident) -> Cell:
    return one.start.isoformat() if one.start else None


def _last_day(one: Incident) -> Cell:
    return one.end.isoformat() if one.end else None


_FIRST = (
    Column(
        "incident_id",
        "text",
        "Id of the incident: a hash of its members. It changes when a report is added.",
        "event_id_cnty",
        "eventid",
        lambda one: one.id,
    ),
    Column(
        "event_date",
        "date",
        "First day on which it may have happened. Empty: no report tells.",
        "event_date",
        "iyear, imonth, iday",
        _first_day,
    ),
    Column("event_date_end", "date", "Last day; the same day if the day is known.", "", "", _last_day),
    Column(
        "event_type",
        "text",
        "The attack type that most reports give.",
        "",
        "attacktype1_txt",
        lambda one: one.attack_type,
    ),
    Column(
        "stage",
        "text",
        "`attempted` or `threatened` if most reports say so.",
        "",
        "success",
        lambda one: one.stage or None,
    ),
    Column(
        "location",
        "text",
        f"The places, those in most reports first, separated by '{JOIN}'.",
        "location",
        "city, location",
        lambda one: _joined(one.places),
    ),
    Column(
        "actor1",
        "text",
        "The perpetrators, names first and those in most reports first.",
        "actor1",
        "gname",
        lambda one: _joined(one.perpetrators),
    ),
    Column("actor2", "text", "The victims, in the same order.", "actor2", "target1", lambda one: _joined(one.victims)),
)
_LAST = (
    Column("reports", "integer", "Number of articles with an event that report it.", "", "", lambda one: one.reports),
    Column(
        "confidence",
        "number",
        "Highest confidence of an event among its members.",
        "",
        "",
        lambda one: round(one.confidence, 4),
    ),
    Column(
        "members",
        "text",
        "Its events: id of the article, id of the event in it, and the probability that it belongs with the others.",
        "source",
        "scite1, scite2, scite3",
        lambda one: _joined([f"{member.document} {member.event} {member.score:.2f}" for member in one.members]),
    ),
    Column(
        "mentions",
        "text",
        "Articles without an event that tell of it: id of the article, and the probability that it does.",
        "",
        "",
        lambda one: _joined([f"{mention.document} {mention.score:.2f}" for mention in one.mentions]),
    ),
)
