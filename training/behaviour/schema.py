"""Checks of behaviour cases against a schema: unknown labels, types and flags."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from annotations.errors import Fault, nearest
from annotations.schema import Schema
from training.behaviour.cases import AbsentSpan, Capability, Expectation, ExpectedEvent, ExpectedSpan

_Problem = tuple[str, str]


def schema_faults(capabilities: Sequence[Capability], schema: Schema) -> list[Fault]:
    """Return labels, types, roles and flags that a schema does not have, with file and case."""
    faults = []
    for capability in capabilities:
        for case in capability.cases:
            expected = [reading.expected for reading in case.readings() if reading.expected]
            problems = [found for one in expected for found in _problems(one, schema)]
            for problem, remedy in dict.fromkeys(problems):  # variants share most problems
                faults.append(Fault(problem, remedy, file=capability.file, place=f"case {case.id}"))
    return faults


def _problems(expected: Expectation, schema: Schema) -> Iterator[_Problem]:
    spans: tuple[ExpectedSpan | AbsentSpan, ...] = expected.spans + expected.absent
    for span in spans:
        yield from _span_problems(span, schema)
    for kind in expected.attack_types:
        yield from _unknown("attack type", kind, schema.attack_types)
    for event in expected.events:
        yield from _event_problems(event, schema)


def _span_problems(span: ExpectedSpan | AbsentSpan, schema: Schema) -> Iterator[_Problem]:
    if span.label is not None and span.label not in schema.labels:
        yield from _unknown("label", span.label, schema.labels)
    elif span.type is not None and span.label is not None:
        types = schema.labels[span.label].types
        if not types:
            yield f"{span.label} has no types, got {span.type!r}", "remove the type"
        else:
            yield from _unknown(f"type of {span.label}", span.type, types)
    elif span.type is not None:
        yield from _unknown("type", span.type, {kind for _, kind in schema.classes if kind})


def _event_problems(event: ExpectedEvent, schema: Schema) -> Iterator[_Problem]:
    if event.attack_type is not None:
        yield from _unknown("attack type", event.attack_type, schema.attack_types)
    for role in event.roles:
        yield from _unknown("role", role, schema.arguments)
    for kind in event.toll:
        yield from _unknown("kind of toll", kind, schema.toll_kinds)
    for flag, value in event.flags.items():
        yield from _unknown("flag", flag, schema.flags)
        if flag in schema.flags and value is not None and value not in schema.flags[flag]:
            known = ", ".join(str(allowed) for allowed in schema.flags[flag])
            yield f"unknown value {value!r} of flag {flag!r}", f"known are: {known}, null"


def _unknown(what: str, name: str, known: Collection[str]) -> Iterator[_Problem]:
    if name not in known:
        yield f"unknown {what} {name!r}", nearest(name, known)
