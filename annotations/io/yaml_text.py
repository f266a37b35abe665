"""YAML from outside, read within bounds: a few bytes of it can stand for billions of values, or never end.

Every YAML text of the project is read here, whether it is a config, a schema, gates or behaviour cases.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml

from annotations.errors import DataError, Fault

MAX_BYTES = 1_000_000
MAX_DEPTH = 40  # mappings and lists within each other; configs of this project go five deep
MAX_NODES = 20_000  # keys, values, lists and mappings, with what aliases stand for; behaviour cases have 600 a file
_MAX_NUMBER = 100  # characters
_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


def parse_yaml(text: str, file: str = "") -> Any:
    """Read one YAML document as plain values.

    Aliases count as often as they stand for their anchor, so that what comes back is no larger than `MAX_NODES`.

    Args:
        text: The YAML.
        file: Name of the file for the messages.

    Raises:
        DataError: It is not YAML, holds a key twice, or goes beyond the bounds on size, depth and aliases; with the
            line.

    Example:
        >>> parse_yaml("fit: {epochs: 3}")
        {'fit': {'epochs': 3}}
    """
    if len(text.encode("utf-8", errors="replace")) > MAX_BYTES:
        raise too_large(file)
    loader = None
    try:
        loader = _BoundedLoader(text)
        node = loader.get_single_node()
        return None if node is None else loader.construct_document(node)
    except _Refused as error:
        fault = Fault(str(error.problem), error.remedy, file, _line(error))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        fault = Fault(f"is not YAML: it holds the character U+{error.character:04X}", "take it out", file, line)
    except yaml.MarkedYAMLError as error:
        fault = Fault(f"is not YAML: {error.problem:.200}", "mend the line", file, _line(error))
    except (ValueError, OverflowError) as error:  # a number in an escape or a directive that is too large
        fault = Fault(f"is not YAML: {error}", "mend the line", file, loader.line + 1 if loader else 0)
    raise DataError([fault])


def too_large(file: str) -> DataError:
    """Return the error of a file that is larger than `MAX_BYTES`."""
    return DataError([Fault(f"is larger than {MAX_BYTES:,} bytes", "part it, or name the file that was meant", file)])


def _line(error: yaml.MarkedYAMLError) -> int:
    return error.problem_mark.line + 1 if error.problem_mark else 0


class _Size(NamedTuple):
    """How much a node stands for: nodes, itself and what aliases below it stand for included, and levels."""

    nodes: int
    levels: int


class _Refused(yaml.MarkedYAMLError):
    """YAML that can be read and is not wanted."""

    def __init__(self, problem: str, remedy: str, mark: Any) -> None:
        super().__init__(problem=problem, problem_mark=mark)
        self.remedy = remedy


class _BoundedLoader(yaml.SafeLoader):
    """The safe loader, which counts as it goes and stops at the first node too many.

    PyYAML reads in steps, so a text is refused before the rest of it is looked at.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = self._count = 0
        self._sizes: dict[yaml.Node, _Size] = {}  # of each node that is read to its end

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose a node and all below it; an alias gives the node of its anchor."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        self._depth += 1
        self._add(_Size(1, 1), event.start_mark)
        node = super().compose_node(parent, index)
        if node is not None and isinstance(event, yaml.AliasEvent):
            if node not in self._sizes:
                raise _Refused("an alias stands within its own anchor", "write the value out", event.start_mark)
            size = self._sizes[node]
            self._add(_Size(size.nodes - 1, size.levels), event.start_mark)
        elif node is not None:
            self._sizes[node] = self._size(node)
        self._depth -= 1
        return node

    def _add(self, size: _Size, mark: Any) -> None:
        self._count += size.nodes
        if self._depth + size.levels - 1 > MAX_DEPTH:
            raise _Refused(f"is nested deeper than {MAX_DEPTH} levels", "make it flatter", mark)
        if self._count > MAX_NODES:
            raise _Refused(f"stands for more than {MAX_NODES:,} values", "part the file, and use fewer aliases", mark)

    def _size(self, node: yaml.Node) -> _Size:
        parts = node.value if isinstance(node, yaml.CollectionNode) else ()
        below = [self._sizes[one] for part in parts for one in (part if isinstance(part, tuple) else (part,))]
        return _Size(1 + sum(one.nodes for one in below), 1 + max((one.levels for one in below), default=0))

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Compose a mapping; one that holds a key twice would lose the first value in silence."""
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise _Refused(f"the key {key.value!r:.80} stands twice", "join the two", key.start_mark)
                seen.add(key.value)
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Make a value of a node; PyYAML lets dates and numbers that are none escape as errors of Python."""
        value = node.value
        if node.tag in _NUMBERS and len(value) > _MAX_NUMBER:
            raise _Refused(f"has a number of {len(value)} characters", "put text in quotes", node.start_mark)
        if isinstance(value, str) and (half := _SURROGATE.search(value)):
            raise _Refused(f"holds U+{ord(half[0]):04X}, which is no character", "take it out", node.start_mark)
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
            problem = f"is not YAML: {value!r:.80} is no {node.tag.rpartition(':')[2]}: {error!s:.80}"
            raise _Refused(problem, "put text in quotes", node.start_mark) from None
