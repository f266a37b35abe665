"""Reading the answer keys of MUC-4: templates of 25 slots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import regex

from annotations.errors import DataError, Fault

# By number of the slot.
SLOTS = (
    "MESSAGE: ID",
    "MESSAGE: TEMPLATE",
    "INCIDENT: DATE",
    "INCIDENT: LOCATION",
    "INCIDENT: TYPE",
    "INCIDENT: STAGE OF EXECUTION",
    "INCIDENT: INSTRUMENT ID",
    "INCIDENT: INSTRUMENT TYPE",
    "PERP: INCIDENT CATEGORY",
    "PERP: INDIVIDUAL ID",
    "PERP: ORGANIZATION ID",
    "PERP: ORGANIZATION CONFIDENCE",
    "PHYS TGT: ID",
    "PHYS TGT: TYPE",
    "PHYS TGT: NUMBER",
    "PHYS TGT: FOREIGN NATION",
    "PHYS TGT: EFFECT OF INCIDENT",
    "PHYS TGT: TOTAL NUMBER",
    "HUM TGT: NAME",
    "HUM TGT: DESCRIPTION",
    "HUM TGT: TYPE",
    "HUM TGT: NUMBER",
    "HUM TGT: FOREIGN NATION",
    "HUM TGT: EFFECT OF INCIDENT",
    "HUM TGT: TOTAL NUMBER",
)
MESSAGE, TEMPLATE = 0, 1
EMPTY, INAPPLICABLE = "-", "*"

_SLOT_LINE = regex.compile(r"(?P<number>\d+)\.\s+(?P<rest>\S.*)")
# A quoted string, or any other character. A quotation mark that closes no string is an error of the key: it counts as a
# character, so that separators after it still split the line.
_PIECE = regex.compile(r'"(?:[^"\\]|\\.)*"(?=\s*(?:[/:)]|$))|.')
_QUOTES = regex.compile(r'^"+|(?<!\\)"+$')


@dataclass(frozen=True, slots=True)
class Filler:
    """One filler of a slot."""

    values: tuple[str, ...]  # alternatives, any of which is right; empty for '-'
    of: tuple[str, ...] = ()  # what the values refer to: alternatives for one filler of another slot
    optional: bool = False  # whether an answer may omit it


@dataclass(frozen=True, slots=True)
class Template:
    """One incident of a message, or the statement that there is none."""

    document: str  # id of the message
    slots: Mapping[int, tuple[str, ...]]  # the lines of each slot as in the key, by number of the slot
    comments: tuple[str, ...] = ()  # comment lines before it or inside it, without semicolons
    line: int = 0  # its first line in the file

    @property
    def incident(self) -> bool:
        """Whether it describes an incident."""
        return self.slots[TEMPLATE][0] != INAPPLICABLE

    @property
    def optional(self) -> bool:
        """Whether an answer may omit the incident."""
        return "(OPTIONAL)" in self.slots[TEMPLATE][0]

    def fillers(self, slot: int) -> tuple[Filler, ...]:
        """Return the fillers of a slot; none if it is empty or inapplicable."""
        return tuple(parse_filler(line) for line in self.slots[slot] if line not in ("", EMPTY, INAPPLICABLE))


def split_outside(text: str, mark: str) -> list[str]:
    """Split text at a character, except within quotation marks and parentheses.

    Example:
        >>> split_outside('"A / B" / (C / D)', "/")
        ['"A / B"', '(C / D)']
    """
    parts, depth = [""], 0
    for piece in _PIECE.findall(text):
        depth += (piece == "(") - (piece == ")")
        if piece == mark and depth <= 0:
            parts.append("")
        else:
            parts[-1] += piece
    return [part.strip() for part in parts]


def alternatives(text: str) -> tuple[str, ...]:
    """Return the alternatives of a filler, without quotation marks and outer parentheses; '-' gives none.

    Example:
        >>> alternatives('"A" / "THE B" / -')
        ('A', 'THE B')
    """
    values = (_unquoted(without_parentheses(part)) for part in split_outside(without_parentheses(text), "/"))
    return tuple(value for value in values if value not in ("", EMPTY))


def _unquoted(text: str) -> str:
    return _QUOTES.sub("", text).replace(r"\"", '"').strip()


def without_parentheses(text: str) -> str:
    """Remove parentheses around a whole text, if there are any.

    Example:
        >>> without_parentheses("(A) / (B)"), without_parentheses("(A (B))")
        ('(A) / (B)', 'A (B)')
    """
    text = text.strip()
    return text[1:-1].strip() if regex.fullmatch(r"\((?:[^()]|\([^()]*\))*\)", text) else text


def parse_filler(line: str) -> Filler:
    r"""Read one line of a slot.

    Example:
        >>> parse_filler('? DEATH / INJURY: "CLERK" / "THE \\"OLD\\" CLERK"')
        Filler(values=('DEATH', 'INJURY'), of=('CLERK', 'THE "OLD" CLERK'), optional=True)
    """
    text = line.strip()
    optional = text.startswith("?")
    values, *of = split_outside(text.lstrip("? "), ":")
    return Filler(alternatives(values), alternatives(" : ".join(of)), optional)


def parse_keys(text: str, file: str = "") -> list[Template]:
    """Read a file of templates.

    Raises:
        DataError: With every line that is no slot, every slot that is missing or duplicate, every template without a
            message id.
    """
    faults: list[Fault] = []
    templates = []
    for lines in _blocks(text):
        template, found = _template(lines, file)
        faults.extend(found)
        if template is not None:
            templates.append(template)
    DataError.check(faults)
    return templates


def _blocks(text: str) -> Iterator[list[tuple[int, str]]]:
    """Yield the numbered lines of each template. Comments after its last slot belong to the next one."""
    block: list[tuple[int, str]] = []
    ahead: list[tuple[int, str]] = []  # comments that may belong to the next template
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        if line.startswith(";"):
            ahead.append((number, line))
            continue
        if regex.match(r"0\.\s", line) and block:
            yield block
            block = []
        block += [*ahead, (number, line)]
        ahead = []
    if block or ahead:
        yield [*block, *ahead]


def _template(lines: list[tuple[int, str]], file: str) -> tuple[Template | None, list[Fault]]:
    slots: dict[int, list[str]] = {}
    comments: list[str] = []
    faults: list[Fault] = []
    current: int | None = None
    for number, line in lines:
        if line.startswith(";"):
            comments.append(line.lstrip("; ").rstrip())
            continue
        try:
            slot, value = _slot(line)
        except ValueError as error:
            faults.append(Fault(str(error), "write '<number>. <NAME OF SLOT>  <filler>'", file=file, line=number))
            continue
        if slot in slots:
            faults.append(Fault(f"slot {slot} is duplicate in a template", "keep one", file=file, line=number))
        current = current if slot is None else slot
        if current is None:
            faults.append(Fault("is a filler without a slot", "name the slot", file=file, line=number))
            continue
        slots.setdefault(current, []).append(value)
    return _checked(slots, comments, faults, file, lines)


def _slot(line: str) -> tuple[int | None, str]:
    """Return the slot that a line begins, or None if it continues one, and the rest of the line."""
    if line[0].isspace():
        return None, line.strip()
    match = _SLOT_LINE.fullmatch(line)
    if not match or int(match["number"]) >= len(SLOTS):
        raise ValueError(f"is no slot of a template: {line[:40]!r}")
    slot = int(match["number"])
    if not regex.match(rf"{regex.escape(SLOTS[slot])}(?:\s|$)", match["rest"]):
        raise ValueError(f"slot {slot} is {SLOTS[slot]!r}, not {match['rest'][:40].rstrip()!r}")
    return slot, match["rest"][len(SLOTS[slot]) :].strip()


def _checked(
    slots: Mapping[int, list[str]], comments: list[str], faults: list[Fault], file: str, lines: list[tuple[int, str]]
) -> tuple[Template | None, list[Fault]]:
    if not slots:  # comments at the end of a file, or nothing that could be read
        return None, faults
    first = lines[0][0]
    missing = [str(slot) for slot in range(len(SLOTS)) if slot not in slots]
    if missing and not faults:
        problem = f"a template lacks the slots {', '.join(missing)}"
        return None, [Fault(problem, "write '-' into slots without a filler", file=file, line=first)]
    if not faults and not slots[MESSAGE][0]:
        return None, [Fault("a template has no message id", "write it into slot 0", file=file, line=first)]
    if faults:
        return None, faults
    document = slots[MESSAGE][0].split()[0]
    return Template(document, {slot: tuple(slots[slot]) for slot in sorted(slots)}, tuple(comments), first), []
