"""The schema: the labels and types, and what they mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, NamedTuple, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from annotations.document import EVENT_KEYS, Document, Event, Span
from annotations.errors import Fault, nearest
from annotations.io.config_files import find_config, read_yaml, validated

OUTSIDE = "O"
Names = TypeVar("Names", bound=Iterable[str])
_NAME = re.compile(r"[^\W\d_][\w-]{0,49}")
_TAKEN = ("micro", "macro", "core", OUTSIDE.lower())  # names of averaged scores, and the tag of unmarked words


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _check_names(names: Names) -> Names:
    """Refuse names that cannot be used in tags, metric and file names, and columns of other formats."""
    for name in names:
        if not _NAME.fullmatch(name):
            allowed = "letters, digits, '_' and '-', starting with a letter, and at most 50 characters"
            raise ValueError(f"the name {name!r:.60} cannot be used; allowed are {allowed}")
    return names


CODE_BOOKS = ("gtd", "acled", "muc4")


class TypeDefinition(_Strict):
    """One type of a label: its definition and its names in GTD, ACLED and MUC-4 (None if a code book has no such
    type)."""

    definition: str
    gtd: str | None = None
    acled: str | None = None
    muc4: str | None = None


class _Usual(NamedTuple):
    """Defaults of a role, used if the schema does not set them."""

    named: bool
    heading: str
    link: float


HEADINGS = EVENT, TYPE, TOLL = "Event", "Type", "Toll"  # columns of event tables that are no role
TRIGGERS, TOLLS = "triggers", "tolls"  # the roles of the trigger and of the quantity
DATES, LOCATIONS = "dates", "locations"  # the roles whose mentions give the date and the place of an event
# Defaults of the roles of attacks, so that a schema need not set them.
_USUAL = {
    TRIGGERS: _Usual(named=False, heading="", link=0.0),
    TOLLS: _Usual(named=False, heading="", link=0.0),
    "perpetrators": _Usual(named=True, heading="Perpetrators", link=0.5),
    "victims": _Usual(named=True, heading="Victims", link=0.0),
    "weapons": _Usual(named=False, heading="", link=0.0),
    "targets": _Usual(named=False, heading="", link=0.5),
    "locations": _Usual(named=False, heading="Where", link=1.25),
    DATES: _Usual(named=False, heading="When", link=0.75),
}
# Keys of a predicted event that no role can take.
_RESERVED = (*EVENT_KEYS, "score", "codes", "date", "participants", "mentions", *CODE_BOOKS)


class LabelDefinition(_Strict):
    """One label.

    Args:
        role: The event role that its spans fill, such as `perpetrators`; any name except the other keys of an event.
        definition: What is marked.
        core: Whether it counts towards the core score.
        color: Its colour in reports.
        types: Its types by name.
        categories: Words by category; a mention gets the first category that has one of its words.
        named: Whether mentions of the same name are grouped into one participant; by default only for perpetrators
            and victims.
        heading: Column heading in event tables; empty for no column. By default the name of the role; roles of attacks
            have their own defaults.
        link: Weight of this role when deciding whether two triggers report the same event: a shared mention counts for
            it, different mentions count against it. By default 0; roles of attacks have their own defaults.
    """

    role: str
    definition: str
    core: bool = False
    color: str = Field(default="#777777", pattern=r"^#[0-9a-fA-F]{6}$")
    types: Annotated[Mapping[str, TypeDefinition], AfterValidator(_check_names)] = {}
    categories: Mapping[str, tuple[str, ...]] = {}
    named: bool | None = None
    heading: str | None = None
    link: float | None = Field(default=None, ge=0, le=10)

    @field_validator("role")
    @classmethod
    def _role_can_be_used(cls, role: str) -> str:
        _check_names([role])
        if role in _RESERVED:
            raise ValueError(f"the role {role!r} is also another key of an event; rename it")
        return role


@dataclass(frozen=True, slots=True)
class Role:
    """One role of an event."""

    name: str  # its key in events
    named: bool  # whether mentions of the same name are grouped
    heading: str  # its column in event tables; empty for no column
    link: float  # weight when deciding whether two triggers report the same event
    categories: Mapping[str, str]  # category by word; if two categories have a word, the first one is used


def _role(name: str, labels: Sequence[LabelDefinition]) -> Role:
    usual = _USUAL.get(name, _Usual(named=False, heading=name.replace("_", " ").capitalize(), link=0.0))
    first = labels[0]
    categories: dict[str, str] = {}
    for category, words in (pair for label in labels for pair in label.categories.items()):
        for word in words:
            categories.setdefault(word, category)
    return Role(
        name,
        usual.named if first.named is None else first.named,
        usual.heading if first.heading is None else first.heading,
        usual.link if first.link is None else first.link,
        categories,
    )


class Schema(_Strict):
    """A label set.

    Args:
        name: Name of the schema.
        version: Increased when the meaning of a label changes.
        trigger: The label of event triggers; its types are the event types. Without it there are no events.
        quantity: The label of numbers; its types are the kinds of toll. Without it no numbers are read.
        event: What an event is called, such as `attack` or `recall`.
        labels: Definitions by label.
        flags: Values allowed for each flag of an event.

    Example:
        >>> schema = load_schema("events")
        >>> schema.tags[:3], len(schema.tags)
        (('O', 'B-ATTACK:bombing', 'I-ATTACK:bombing'), 45)
    """

    name: str
    version: int
    trigger: str | None = None
    quantity: str | None = None
    event: str = Field(default="attack", min_length=1, max_length=50)
    labels: Mapping[str, LabelDefinition]
    flags: Mapping[str, tuple[bool | str, ...]] = {}

    @field_validator("labels")
    @classmethod
    def _labels_can_be_used(cls, labels: Mapping[str, LabelDefinition]) -> Mapping[str, LabelDefinition]:
        _check_names(labels)
        for name, count in Counter(label.lower() for label in labels).items():
            alike = " and ".join(repr(label) for label in labels if label.lower() == name)
            if count > 1:
                raise ValueError(f"the labels {alike} differ only in letter case; rename one")
            if name in _TAKEN:
                raise ValueError(f"the label {alike} has a reserved name; rename it")
        return labels

    @field_validator("flags")
    @classmethod
    def _flags_can_be_used(cls, flags: Mapping[str, tuple[bool | str, ...]]) -> Mapping[str, tuple[bool | str, ...]]:
        _check_names([*flags, *(value for values in flags.values() for value in values if isinstance(value, str))])
        return flags

    @model_validator(mode="after")
    def _named_labels_exist(self) -> Schema:
        for key, role in (("trigger", TRIGGERS), ("quantity", TOLLS)):
            named = getattr(self, key)
            if named is not None and named not in self.labels:
                raise ValueError(f"{key} names {named!r}, which is not a label; {nearest(named, self.labels)}")
            if named is not None and (self.labels[named].role != role or not self.labels[named].types):
                raise ValueError(f"the {key} label {named!r} needs the role {role!r} and at least one type")
            others = [name for name, label in self.labels.items() if label.role == role and name != named]
            if others:
                raise ValueError(f"the label {others[0]!r} has the role {role!r}, which only the {key} label may have")
        return self

    @model_validator(mode="after")
    def _headings_differ(self) -> Schema:
        shown = [role.heading for role in self.arguments.values() if role.heading]
        for heading, count in Counter([*HEADINGS, *shown]).items():
            if count > 1:
                raise ValueError(f"the heading {heading!r} is used for two columns of event tables; rename one")
        return self

    @cached_property
    def classes(self) -> tuple[tuple[str, str | None], ...]:
        """Every (label, type) that a span may have, in schema order."""
        return tuple((name, kind) for name, label in self.labels.items() for kind in (label.types or (None,)))

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """The name of each class: `label` or `label:type`."""
        return tuple(name if kind is None else f"{name}:{kind}" for name, kind in self.classes)

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """BIO tags in order of their ids: O, then B- and I- of each class."""
        return (OUTSIDE, *(f"{prefix}-{name}" for name in self.class_names for prefix in "BI"))

    @cached_property
    def tag_labels(self) -> tuple[str, ...]:
        """The label of each tag; O for O."""
        return (OUTSIDE, *(label for label, _ in self.classes for _ in "BI"))

    @cached_property
    def begin_tags(self) -> Mapping[tuple[str, str | None], int]:
        """The id of the B- tag of each class; the I- tag has the next id."""
        return {name: 1 + 2 * number for number, name in enumerate(self.classes)}

    def role(self, label: str) -> str:
        """Return the event role that spans of a label fill."""
        return self.labels[label].role

    @cached_property
    def roles(self) -> Mapping[str, Role]:
        """The event roles in schema order, including triggers; labels may share a role."""
        grouped: dict[str, list[LabelDefinition]] = {}
        for label in self.labels.values():
            grouped.setdefault(label.role, []).append(label)
        return {name: _role(name, labels) for name, labels in grouped.items()}

    @cached_property
    def arguments(self) -> Mapping[str, Role]:
        """The event roles except triggers and tolls."""
        return {name: role for name, role in self.roles.items() if name not in (TRIGGERS, TOLLS)}

    @cached_property
    def actor(self) -> str | None:
        """The first label whose mentions are grouped by name, such as PERPETRATOR."""
        return next((name for name, label in self.labels.items() if self.roles[label.role].named), None)

    @property
    def core(self) -> tuple[str, ...]:
        """Labels that count towards the core score; all labels if the schema marks none as core."""
        return tuple(name for name, label in self.labels.items() if label.core) or tuple(self.labels)

    @cached_property
    def attack_types(self) -> Mapping[str, TypeDefinition]:
        """Definitions of the event types (the types of the trigger label)."""
        return self.labels[self.trigger].types if self.trigger else {}

    @cached_property
    def toll_kinds(self) -> Mapping[str, TypeDefinition]:
        """Definitions of the kinds of toll (the types of the quantity label)."""
        return self.labels[self.quantity].types if self.quantity else {}

    @cached_property
    def code_books(self) -> tuple[str, ...]:
        """Code books that have a name for at least one event type."""
        types = self.attack_types.values()
        return tuple(book for book in CODE_BOOKS if any(getattr(kind, book) is not None for kind in types))

    def to_yaml(self) -> str:
        """Return the schema as YAML text that `load_schema` reads."""
        return yaml.safe_dump(
            self.model_dump(mode="json", exclude_defaults=True), sort_keys=False, allow_unicode=True, width=120
        )

    def faults(self, document: Document) -> Iterator[Fault]:
        """Yield what in a document the schema does not allow."""
        yield from (replace(fault, document=document.id) for fault in self._faults(document))

    def _faults(self, document: Document) -> Iterator[Fault]:
        for span in document.spans:
            yield from self._span_faults(document, span)
        by_id = {span.id: span for span in document.spans}
        kinds: dict[str, set[str]] = {}  # attack types of the events of each trigger
        for event in document.events:
            for span_id in event.roles[TRIGGERS]:
                kinds.setdefault(span_id, set()).add(event.attack_type)
        for event in document.events:
            yield from self._event_faults(event, by_id, kinds)

    def _span_faults(self, document: Document, span: Span) -> Iterator[Fault]:
        place = f"span {span.id} [{span.start}:{span.end}] {document.mention(span)[:40]!r}"
        if span.label not in self.labels:
            yield Fault(f"unknown label {span.label!r}", nearest(span.label, self.labels), place=place)
            return
        types = self.labels[span.label].types
        if types and span.type not in types:
            yield Fault(f"unknown type {span.type!r} for {span.label}", nearest(str(span.type), types), place=place)
        if not types and span.type is not None:
            yield Fault(f"{span.label} has no types, got {span.type!r}", "remove it", place=place)

    def _event_faults(self, event: Event, by_id: Mapping[str, Span], kinds: Mapping[str, set[str]]) -> Iterator[Fault]:
        place = f"event {event.id}"
        if event.attack_type not in self.attack_types:
            hint = nearest(event.attack_type, self.attack_types)
            yield Fault(f"unknown attack type {event.attack_type!r}", hint, place=place)
        for role, span_ids in event.roles.items():
            if role not in self.roles:
                yield Fault(f"unknown role {role!r}", nearest(role, self.roles), place=place)
                continue
            for span in map(by_id.__getitem__, span_ids):
                if span.label in self.labels and self.role(span.label) != role:
                    problem = f"has {span.label} span {span.id} among its {role}"
                    yield Fault(problem, f"move it to {self.role(span.label)}", place=place)
                # A trigger may report several events ('both attacks'); it has the type of one of them.
                if role == TRIGGERS and span.type not in kinds[span.id]:
                    problem = f"is {event.attack_type}, but its trigger {span.id} is {span.type}"
                    yield Fault(problem, "give both the same type", place=place)
        for kind in event.toll:
            if kind not in self.toll_kinds:
                yield Fault(f"unknown kind of toll {kind!r}", nearest(kind, self.toll_kinds), place=place)
        for key, value in event.flags.items():
            if key not in self.flags:
                yield Fault(f"unknown flag {key!r}", nearest(key, self.flags), place=place)
            elif value not in self.flags[key]:
                known = ", ".join(str(v) for v in self.flags[key])
                yield Fault(f"unknown value {value!r} of flag {key!r}", f"known are: {known}", place=place)


def load_schema(name: str | Path = "events") -> Schema:
    """Load a schema by the name of a shipped file, or by path.

    Raises:
        DataError: No such file, or a wrong key or value in it.
    """
    path = find_config(name, "schema")
    return validated(Schema, read_yaml(path), str(path))
