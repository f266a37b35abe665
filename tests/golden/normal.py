"""What of an output is frozen: structure, keys, numbers and offsets; not wording, times, paths, ids and versions."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

_DIGITS = 4
_FEW = 3  # words; what is longer is a sentence, whose numbers alone are frozen
_REPLACED = [
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d| UTC)?"), "<time>"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "<sha256>"),
    (re.compile(r"\bm-[0-9a-f]{32}\b|\b[0-9a-f]{32}\b|\b[0-9a-f]{7,12}\b"), "<id>"),
    (re.compile(r"^[a-z]+-[a-z]+-\d{1,3}$"), "<name>"),  # MLflow's names of runs
]
# Values by the name of their key. Words that only say why are numbered in the order in which they come.
_VARYING = re.compile(
    r"(?:run|run_id|run_name|created|at|by|user|conflict_events\.(?:host|pid)|machine|processor|commit|packages|python|platform"
    r"|.*(?:_ms|_mb|seconds|memory|digest|date)|milliseconds|mlflow\.log-model\..*|promoted_(?:at|by)|git_.*|code)"
)
_WORDING = re.compile(r"reason|detail|problem|remedy|notes?|words_of_.*|about|failures|summary|definition|means|help")
_FIGURES = re.compile(r"asked|found|failed_gates|gold_toll|predicted_toll")  # sentences around numbers
_NUMBER = re.compile(r"(?<!\w)[-+−]?\d+(?:[.,]\d+)*(?!\w)%?")
_OF_RUNS = re.compile(r"(run (?:name|seconds|started|user|commit)|commit) \| .*")  # rows of a table
_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


def plain(value: Any, folder: Path, *, keep: Sequence[str] = ()) -> Any:
    """Return JSON-like values without what differs from run to run, floats rounded.

    Args:
        value: The values.
        folder: The folder whose path is left out.
        keep: Keys whose values are kept, although others of their name are not.
    """
    numbered: dict[str, str] = {}

    def walk(item: Any, key: str) -> Any:
        if key not in keep and _VARYING.fullmatch(key) and item is not None and not isinstance(item, bool):
            return f"<{type(item).__name__}>"
        if isinstance(item, Mapping):
            return {str(name): walk(inner, str(name)) for name, inner in item.items()}
        if isinstance(item, list | tuple):
            return [walk(inner, key) for inner in item]
        if isinstance(item, str) and item.startswith(("{", "[{")):
            return walk(json.loads(item), key)  # a tag that holds JSON
        if isinstance(item, float):
            return round(item, _DIGITS) + 0.0
        if not isinstance(item, str):
            return item
        if key not in keep and _WORDING.fullmatch(key):
            return numbered.setdefault(item, f"<{key} {len(numbered) + 1}>") if item else ""
        if key not in keep and _FIGURES.fullmatch(key):
            return _numbers(item)
        return scrubbed(item, folder)

    return walk(value, "")


def scrubbed(text: str, folder: Path) -> str:
    """Return a text without times, ids and the path of a folder."""
    for path in (str(folder), os.path.realpath(folder)):
        text = text.replace(path, "<folder>")
    for pattern, name in _REPLACED:
        text = pattern.sub(name, text)
    return text.replace(datetime.now(UTC).date().isoformat(), "<today>")


def dumped(value: Any) -> str:
    """Return values as JSON to be read and compared line by line; lists of plain values take one line."""
    return _dumped(value, "") + "\n"


def _dumped(value: Any, indent: str) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if len(indent) + len(flat) <= 118 or not inner:  # a line of an editor
        return flat
    if isinstance(value, dict):
        rows = [f"{json.dumps(key, ensure_ascii=False)}: {_dumped(one, indent + ' ')}" for key, one in value.items()]
    else:
        rows = [_dumped(one, indent + " ") for one in value]
    lines = f",\n{indent} ".join(rows)
    left, right = "{}" if isinstance(value, dict) else "[]"
    return f"{left}\n{indent} {lines}\n{indent}{right}"


def tables(output: str, folder: Path) -> str:
    """Return the tables of what a command shows on a terminal, by rows and cells, and the numbers of all other lines.

    Of a table's head only the number of columns is kept.
    """
    found, head = [], False
    for line in scrubbed(output, folder).splitlines():
        if "┏" in line or "┡" in line:
            head = "┏" in line
            found += [f"table of {line.count('┳') + 1} columns"] if head else []
        elif line.startswith("│") and not head:
            row = " | ".join(_short(cell.strip()) for cell in line.strip("│").split("│"))
            found.append(_OF_RUNS.sub(r"\1", row))
        elif not head and (numbers := _numbers(line)):
            found.append(numbers)
    return "\n".join(found) + "\n"


def page(content: str, folder: Path) -> str:
    """Return a page's elements with their attributes, the texts of articles, short cells, and all other numbers."""
    skeleton = _Skeleton()
    skeleton.feed(scrubbed(content, folder))
    skeleton.close()
    return "\n".join(skeleton.lines) + "\n"


class _Skeleton(HTMLParser):
    """One line an element: its depth, name and attributes; one line a text."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._drawn: Counter[str] | None = None  # kinds of groups in the plot that is being read
        self._open: list[tuple[str, bool]] = []  # element, and whether the words in it are an article's

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = [(key, value or "") for key, value in attrs]
        if self._drawn is not None:  # where things stand in a plot depends on fonts
            self._drawn += Counter(value.rpartition("_")[0] for key, value in given if (tag, key) == ("g", "id"))
            return
        if tag == "svg":
            self._drawn = Counter()
        kept = [
            (key, _numbers(value) if key in {"title", "aria-label", "alt", "content"} else _rounded(value))
            for key, value in given
        ]
        own = "".join(f' {key}="{value}"' for key, value in kept)
        self.lines.append(" " * len(self._open) + tag + own)
        if tag not in _VOID:
            words = tag == "mark" or ("dir", "auto") in given or (bool(self._open) and self._open[-1][1])
            self._open.append((tag, words))

    def handle_endtag(self, tag: str) -> None:
        if self._drawn is not None:
            if tag != "svg":
                return
            drawn = sorted(self._drawn.items())
            self.lines.append(" " * len(self._open) + "| " + ", ".join(f"{count} {kind}" for kind, count in drawn))
            self._drawn = None
        while self._open and tag not in _VOID:
            if self._open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._drawn is not None:
            return
        words, inside = " ".join(data.split()), [tag for tag, _ in self._open]
        if "style" in inside:
            words = " ".join(sorted(set(re.findall(r"\.[a-z][\w-]*", data))))
        elif "script" in inside:
            words = "script"
        elif self._open and self._open[-1][1]:
            words = json.dumps(data, ensure_ascii=False)
        elif {"td", "option"} & {*inside} or {"th", "tbody"} <= {*inside}:
            words = _short(words)
        else:
            words = _numbers(words)
        if words:
            self.lines.append(" " * len(self._open) + "| " + words)


def _numbers(text: str) -> str:
    return " ".join(_NUMBER.findall(text))


def _rounded(text: str) -> str:
    return re.sub(r"\d+\.\d{5,}", lambda number: f"{float(number[0]):.{_DIGITS}f}", text)


def _short(text: str) -> str:
    return text if len(text.split()) <= _FEW else _numbers(text)
