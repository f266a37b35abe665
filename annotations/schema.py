"""The schema: which labels and types there are, and what they mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from annotations.config_files import find_config, read_yaml, validated
from annotations.document import ROLES, Document, Event, Span
from annotations.errors import Fault, nearest

OUTSIDE = "O"
_NAME = re.compile(r"[^\W\d_][\w-]{0,49}")
_TAKEN = ("micro", "macro", "core", OUTSIDE.lower())  # what scores over all labels are called, and no label


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _check_names(names: Iterable[str]) -> None:
    """Refuse names that cannot stand in tags, in names of metrics and files, and in columns of other formats."""
    for name in names:
        if not _NAME.fullmatch(name):
            allowed = "letters, digits, '_' and '-', a letter first, and 50 characters at most"
            raise ValueError(f"the name {name!r:.60} cannot be used; allowed are {allowed}")


class TypeDefinition(_Strict):
    """One type of a label: its meaning and its names in GTD, ACLED and MUC-4 (None where a code book has no such
    type)."""

    definition: str
    gtd: str | None = None
    acled: str | None = None
    muc4: str | None = None


class LabelDefinition(_Strict):
    """One label: the event role its spans fill, its meaning, whether it counts into the core score, its colour, its
    types, and the categories told from its words."""

    role: Literal["triggers", "perpetrators", "victims", "tolls", "weapons", "targets", "locations", "dates"]
    definition: str
    core: bool = False
    color: str = Field(default="#777777", pattern=r"^#[0-9a-fA-F]{6}$")
    types: Mapping[str, TypeDefinition] = {}
    categories: Mapping[str, tuple[str, ...]] = {}

    @field_validator("types")
    @classmethod
    def _types_can_be_used(cls, types: Mapping[str, TypeDefinition]) -> Mapping[str, TypeDefinition]:
        _check_names(types)
        return types


class Schema(_Strict):
    """A label set.

    Args:
        name: Name of the schema.
        version: Counted up when the meaning of a label changes.
        trigger: The label that reports an attack; its types are the attack types.
        quantity: The label of tolls; its types are the kinds of toll.
        labels: Definitions by label.
        flags: Values allowed for each flag of an event.

    Example:
        >>> schema = load_schema("events")
        >>> schema.tags[:3], len(schema.tags)
        (('O', 'B-ATTACK:bombing', 'I-ATTACK:bombing'), 45)
    """

    name: str
    version: int
    trigger: str
    quantity: str
    labels: Mapping[str, LabelDefinition]
    flags: Mapping[str, tuple[bool | str, ...]] = {}

    @field_validator("labels")
    @classmethod
    def _labels_can_be_used(cls, labels: Mapping[str, LabelDefinition]) -> Mapping[str, LabelDefinition]:
        _check_names(labels)
        for name, count in Counter(label.lower() for label in labels).items():
            alike = " and ".join(repr(label) for label in labels if label.lower() == name)
            if count > 1:
                raise ValueError(f"the labels {alike} differ in capitals alone; rename one")
            if name in _TAKEN:
                raise ValueError(f"the label {alike} has the name of a figure over all labels, or of none; rename it")
        return labels

    @field_validator("flags")
    @classmethod
    def _flags_can_be_used(cls, flags: Mapping[str, tuple[bool | str, ...]]) -> Mapping[str, tuple[bool | str, ...]]:
        _check_names([*flags, *(value for values in flags.values() for value in values if isinstance(value, str))])
        return flags

    @model_validator(mode="after")
    def _named_labels_exist(self) -> Schema:
        for key in ("trigger", "quantity"):
            named = getattr(self, key)
            if named not in self.labels:
                raise ValueError(f"{key} names {named!r}, which is not a label; {nearest(named, self.labels)}")
        if self.labels[self.trigger].role != "triggers" or not self.labels[self.trigger].types:
            raise ValueError(f"the trigger label {self.trigger!r} needs the role 'triggers' and at least one type")
        if self.labels[self.quantity].role != "tolls" or not self.labels[self.quantity].types:
            raise ValueError(f"the quantity label {self.quantity!r} needs the role 'tolls' and at least one type")
        roles = [label.role for label in self.labels.values()]
        if len(set(roles)) != len(roles):
            raise ValueError("two labels share a role; give each label a role of its own")
        return self

    @cached_property
    def classes(self) -> tuple[tuple[str, str | None], ...]:
        """Every (label, type) that a span may carry, in schema order."""
        return tuple((name, kind) for name, label in self.labels.items() for kind in (label.types or (None,)))

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """BIO tags over `label` or `label:type`; O comes first."""
        names = [name if kind is None else f"{name}:{kind}" for name, kind in self.classes]
        return (OUTSIDE, *(f"{prefix}-{name}" for name in names for prefix in "BI"))

    def role(self, label: str) -> str:
        """Return the event role that spans of a label fill."""
        return self.labels[label].role

    def label_of(self, role: str) -> str | None:
        """Return the label whose spans fill an event role, or None."""
        return next((name for name, label in self.labels.items() if label.role == role), None)

    @property
    def core(self) -> tuple[str, ...]:
        """Labels that count into the core score; all of them where the schema names none."""
        return tuple(name for name, label in self.labels.items() if label.core) or tuple(self.labels)

    @cached_property
    def attack_types(self) -> Mapping[str, TypeDefinition]:
        """Definitions of the trigger label's types."""
        return self.labels[self.trigger].types

    def to_yaml(self) -> str:
        """Return the schema as YAML text that `load_schema` reads."""
        return yaml.safe_dump(
            self.model_dump(mode="json", exclude_defaults=True), sort_keys=False, allow_unicode=True, width=120
        )

    def faults(self, document: Document) -> Iterator[Fault]:
        """Yield what a sound document does that the schema does not allow."""
        for span in document.spans:
            yield from self._span_faults(document, span)
        by_id = {span.id: span for span in document.spans}
        kinds: dict[str, set[str]] = {}  # attack types of the events that a trigger tells of
        for event in document.events:
            for span_id in event.roles[self.role(self.trigger)]:
                kinds.setdefault(span_id, set()).add(event.attack_type)
        for event in document.events:
            yield from self._event_faults(document, event, by_id, kinds)

    def _span_faults(self, document: Document, span: Span) -> Iterator[Fault]:
        place = f"span {span.id} [{span.start}:{span.end}] {document.mention(span)[:40]!r}"
        if span.label not in self.labels:
            yield Fault(
                f"unknown label {span.label!r}", nearest(span.label, self.labels), document=document.id, place=place
            )
            return
        types = self.labels[span.label].types
        if types and span.type not in types:
            yield Fault(
                f"unknown type {span.type!r} for {span.label}",
                nearest(str(span.type), types),
                document=document.id,
                place=place,
            )
        if not types and span.type is not None:
            yield Fault(
                f"{span.label} takes no type, got {span.type!r}", "take it out", document=document.id, place=place
            )

    def _event_faults(
        self, document: Document, event: Event, by_id: Mapping[str, Span], kinds: Mapping[str, set[str]]
    ) -> Iterator[Fault]:
        place = f"event {event.id}"
        if event.attack_type not in self.attack_types:
            hint = nearest(event.attack_type, self.attack_types)
            yield Fault(f"unknown attack type {event.attack_type!r}", hint, document=document.id, place=place)
        for role in ROLES:
            for span in (by_id[span_id] for span_id in event.roles[role]):
                if span.label in self.labels and self.role(span.label) != role:
                    yield Fault(
                        f"has {span.label} span {span.id} among its {role}",
                        f"move it to {self.role(span.label)}",
                        document=document.id,
                        place=place,
                    )
                # A trigger may tell of several events ('both attacks'); it carries the type of one of them.
                if role == self.role(self.trigger) and span.type not in kinds[span.id]:
                    yield Fault(
                        f"is {event.attack_type}, but its trigger {span.id} is {span.type}",
                        "give both the same type",
                        document=document.id,
                        place=place,
                    )
        toll_kinds = self.labels[self.quantity].types
        for kind in event.toll:
            if kind not in toll_kinds:
                yield Fault(
                    f"unknown kind of toll {kind!r}", nearest(kind, toll_kinds), document=document.id, place=place
                )
        for key, value in event.flags.items():
            if key not in self.flags:
                yield Fault(f"unknown flag {key!r}", nearest(key, self.flags), document=document.id, place=place)
            elif value not in self.flags[key]:
                known = ", ".join(str(v) for v in self.flags[key])
                yield Fault(
                    f"unknown value {value!r} of flag {key!r}", f"known are: {known}", document=document.id, place=place
                )


def load_schema(name: str | Path = "events") -> Schema:
    """Load a schema by the name of a shipped file, or by path.

    Raises:
        DataError: No such file, or a wrong key or value in it.
    """
    path = find_config(name, "schema")
    return validated(Schema, read_yaml(path), str(path))
