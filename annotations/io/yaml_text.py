"""YAML with limits on size and depth, as aliases can make a few bytes expand to billions of values.

All YAML is read here: configs, schemas, gates and behaviour cases.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml

from annotations.errors import DataError, Fault

MAX_BYTES = 1_000_000
MAX_DEPTH = 40  # nesting of mappings and lists; configs of this project have five levels
MAX_NODES = 20_000  # keys, values, lists and mappings, aliases expanded; files of behaviour cases have about 600
_MAX_NUMBER = 100  # characters
_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


def parse_yaml(text: str, file: str = "") -> Any:
    """Parse one YAML document to plain values.

    Each alias counts as much as its anchor, so that the result has at most `MAX_NODES` nodes.

    Raises:
        DataError: It is not YAML, has a key twice, or exceeds the limits on size and depth; with the line.

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
        fault = Fault(f"is not YAML: it has the character U+{error.character:04X}", "remove it", file, line)
    except yaml.MarkedYAMLError as error:
        fault = Fault(f"is not YAML: {error.problem:.200}", "correct the line", file, _line(error))
    except (ValueError, OverflowError) as error:  # too large a number in an escape or a directive
        fault = Fault(f"is not YAML: {error}", "correct the line", file, loader.line + 1 if loader else 0)
    raise DataError([fault])


def too_large(file: str) -> DataError:
    """Return the error for a file that is larger than `MAX_BYTES`."""
    return DataError.of(f"is larger than {MAX_BYTES:,} bytes", "split it, or check that it is the right file", file)


def _line(error: yaml.MarkedYAMLError) -> int:
    return error.problem_mark.line + 1 if error.problem_mark else 0


class _Size(NamedTuple):
    """Size of a node with aliases expanded: number of nodes (including itself) and levels."""

    nodes: int
    levels: int


class _Refused(yaml.MarkedYAMLError):
    """YAML that can be parsed but is not accepted."""

    def __init__(self, problem: str, remedy: str, mark: Any) -> None:
        super().__init__(problem=problem, problem_mark=mark)
        self.remedy = remedy


class _BoundedLoader(yaml.SafeLoader):
    """A safe loader that counts nodes and stops at the first one over the limit.

    PyYAML parses step by step, so a text is refused before the rest of it is parsed.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = self._count = 0
        self._sizes: dict[yaml.Node, _Size] = {}  # of complete nodes

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose a node and everything below it; an alias returns the node of its anchor."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        self._depth += 1
        self._add(_Size(1, 1), event.start_mark)
        node = super().compose_node(parent, index)
        if node is not None and isinstance(event, yaml.AliasEvent):
            if node not in self._sizes:
                raise _Refused("an alias is inside its own anchor", "write the value out", event.start_mark)
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
            raise _Refused(f"expands to more than {MAX_NODES:,} values", "split the file, or use fewer aliases", mark)

    def _size(self, node: yaml.Node) -> _Size:
        parts = node.value if isinstance(node, yaml.CollectionNode) else ()
        below = [self._sizes[one] for part in parts for one in (part if isinstance(part, tuple) else (part,))]
        return _Size(1 + sum(one.nodes for one in below), 1 + max((one.levels for one in below), default=0))

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Compose a mapping and refuse duplicate keys, as the first value would be lost silently."""
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise _Refused(f"the key {key.value!r:.80} is used twice", "merge the two", key.start_mark)
                seen.add(key.value)
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Construct a value; PyYAML raises plain Python errors for invalid dates and numbers."""
        value = node.value
        if node.tag in _NUMBERS and len(value) > _MAX_NUMBER:
            raise _Refused(f"has a number of {len(value)} characters", "put text in quotes", node.start_mark)
        if isinstance(value, str) and (half := _SURROGATE.search(value)):
            raise _Refused(f"has U+{ord(half[0]):04X}, which is not a character", "remove it", node.start_mark)
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
            problem = f"is not YAML: {value!r:.80} is not a valid {node.tag.rpartition(':')[2]}: {error!s:.80}"
            raise _Refused(problem, "put text in quotes", node.start_mark) from None
