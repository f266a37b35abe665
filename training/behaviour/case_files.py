"""Files of behaviour cases: read from YAML, with every fault of a case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from annotations.errors import DataError, Fault, collecting, nearest
from annotations.io.config_files import read_yaml, validated
from training.behaviour.cases import Capability, Case, Expectation, Kind, Words, plain_name
from training.behaviour.slots import SLOT, occurrences
from training.config import Strict

# Required and optional keys of a case, by kind.
_NEEDED = {"minimum": ("expect",), "direction": ("changed", "expect"), "invariance": ("fill",)}
_ALLOWED = {"minimum": (), "direction": ("given",), "invariance": ("expect",)}


class _Content(Strict):
    """The content of a file; its cases are checked one by one, so that all faults are reported."""

    capability: Words
    about: Words
    kind: Kind
    cases: Annotated[list[Any], Field(min_length=1)]


def cases_folder() -> Path:
    """Return the folder of the shipped cases, in a checkout as in an installed package."""
    installed = Path(__file__).parent / "shipped"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "tests" / "behaviour"


def read_cases(folder_or_file: Path | None = None) -> list[Capability]:
    """Read behaviour cases.

    Args:
        folder_or_file: A YAML file, or a folder of them, one a capability; by default the shipped ones.

    Returns:
        The capabilities in order of file name.

    Raises:
        DataError: Every fault of all files, with file and case.
    """
    path = cases_folder() if folder_or_file is None else Path(folder_or_file)
    files = [path] if path.is_file() else sorted(path.glob("*.yaml"))
    if not files:
        problem = "has no .yaml file" if path.is_dir() else "no such file or folder"
        raise DataError.of(problem, "name a file of behaviour cases, or a folder of them", file=str(path))
    capabilities: list[Capability] = []
    faults: list[Fault] = []
    for file in files:
        with collecting(faults):
            capability = _read(file)
            first = next((other for other in capabilities if other.name == capability.name), None)
            if first:
                problem = f"has the capability {capability.name!r} of {first.file}"
                faults.append(Fault(problem, "merge the two, or rename one", file=str(file)))
            capabilities.append(capability)
    DataError.check(faults)
    return capabilities


def choose(capabilities: Sequence[Capability], names: Sequence[str]) -> list[Capability]:
    """Return the capabilities of these names, or all of them if no name is given.

    Raises:
        DataError: A name is not that of a capability.
    """
    known = [capability.name for capability in capabilities]
    DataError.check([Fault(f"no capability {name!r}", nearest(name, known)) for name in names if name not in known])
    return [capability for capability in capabilities if not names or capability.name in names]


def _read(file: Path) -> Capability:
    content = read_yaml(file)
    cases: list[Case] = []
    faults: list[Fault] = []
    raw = content.get("cases")
    for number, item in enumerate(raw if isinstance(raw, list) else [], start=1):
        named = item.get("id") if isinstance(item, dict) else None
        place = f"case {named or number}"
        try:
            case = validated(Case, item, str(file))
        except DataError as error:
            faults += [replace(fault, place=": ".join(filter(None, [place, fault.place]))) for fault in error.faults]
            continue
        if any(case.id == other.id for other in cases):
            faults.append(Fault("the id is repeated", "give each case its own id", file=str(file), place=place))
        faults += [replace(fault, file=str(file), place=place) for fault in _case_faults(case, content.get("kind"))]
        cases.append(case)
    try:
        header = validated(_Content, content, str(file))
    except DataError as error:
        faults = [*error.faults, *faults]
    DataError.check(faults)
    return Capability(header.capability, header.about, header.kind, tuple(cases), str(file))


def _case_faults(case: Case, kind: object) -> Iterator[Fault]:
    if isinstance(kind, str) and kind in _NEEDED:
        present = {key for key in ("given", "changed", "fill", "expect") if getattr(case, key) is not None}
        needed, allowed = _NEEDED[kind], _ALLOWED[kind]
        for key in (key for key in needed if key not in present):
            yield Fault(f"has no {key!r}", f"a case of kind {kind} needs it")
        for key in sorted(present.difference(needed, allowed)):
            yield Fault(
                f"has {key!r}", f"a case of kind {kind} may have {', '.join(('id', 'text', *needed, *allowed))}"
            )
    if case.changed == case.text:
        yield Fault("'changed' is the same as 'text'", "change it")
    slot_faults = list(_slot_faults(case))
    yield from slot_faults
    if not slot_faults:
        yield from _word_faults(case)


def _slot_faults(case: Case) -> Iterator[Fault]:
    slots = dict.fromkeys(SLOT.findall(case.text))
    if case.fill is not None and len(case.fill) < 2:  # noqa: PLR2004
        yield Fault("'fill' has fewer than two variants", "name two or more, to compare them")
    if case.fill and not slots:
        yield Fault("has no slot to fill", "write {name} in the text")
    for slot in [] if case.fill else SLOT.findall(f"{case.text} {case.changed or ''}"):
        yield Fault(f"slot {slot!r} is not filled", "fill it, or replace it with words")
    for number, values in enumerate(case.fill or (), start=1):
        for slot in slots:
            if slot not in values:
                yield Fault(f"slot {slot!r} is not filled by variant {number}", "fill it in each variant")
        for name in values:
            if slots and name not in slots:
                yield Fault(f"variant {number} fills {name!r}, which is not a slot of the text", nearest(name, slots))


def _word_faults(case: Case) -> Iterator[Fault]:
    """Yield words of expectations that do not occur in their text, and unfilled slots."""
    try:
        readings = case.readings()
    except DataError as error:
        for fault in error.faults:
            yield replace(fault, problem=f"{fault.place}: {fault.problem}, where its slot is filled")
        return
    for reading in readings:
        if reading.expected:
            where = f" {reading.name}" if reading.name else ""
            for problem, remedy in _expectation_faults(reading.expected, reading.filled.text):
                yield Fault(problem + where, remedy)


def _expectation_faults(expected: Expectation, text: str) -> Iterator[tuple[str, str]]:
    missing = "do not occur in the text as whole words"
    copy = "copy them from the text"
    for span in expected.spans:
        found = len(occurrences(text, span.text))
        if not found:
            yield f"the words {span.text!r} {missing}", copy
        elif span.nth and span.nth > found:
            yield f"the words {span.text!r} have no occurrence {span.nth} in the text", f"the last is {found}"
    mentions = [span.text for span in expected.absent if span.text]
    for words in (words for words in mentions if not occurrences(text, words)):
        yield f"the words {words!r} {missing}", copy
    for event in expected.events:
        for name in (name for names in event.roles.values() for name in names):
            if not occurrences(text.casefold(), plain_name(name)):
                yield f"the words {name!r} {missing}", copy
        for kind, toll in event.toll.items():
            for bound in (toll.min, toll.max) if toll else ():
                if isinstance(bound, str):
                    yield f"the slot {bound} of the toll {kind!r} is not filled", "write a number, or fill the slot"
