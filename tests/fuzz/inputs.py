"""Inputs: random bytes, sound inputs with bytes changed, and sound values with one part of another kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

Render = Callable[[Any], bytes]

_PIECES = [
    *(b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"\r", b"\r\n", b"\n\n", b"\t", b"\t\t", b" ", b"\xe2\x80\x8f"),
    *(b"NaN", b"-Infinity", b"1e999", b"-1", b"99999999999999999999", b"9" * 5000, b"null", b'"\\ud800"', b"\\u0000"),
    *(b"[" * 200, b"]" * 200, b'{"a":' * 2000, b"{}", b"[]", b'""', b"- ", b": ", b"#", b"-DOCSTART-\t", b"1-2\t"),
    *(b"B-", b"I-VICTIM", b"\tO\n", b"!!python/object:os.system x", b"&a [*a]", b"<<: *a", b"../../x", b"%s", b"[/b]"),
]
_VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**70, 1.5, "", "x", "S1", "O", "é" * 300, "\u200f", "\x00", "a\nb", [], {}, [[]]),
    *([None], [1], ["x"], {"": None}, {"id": 1}, [{"id": "x"}], [[[[[[]]]]]]),
]


def inputs(seeds: Sequence[bytes], values: Sequence[Any], render: Render) -> st.SearchStrategy[bytes]:
    """Inputs for a target.

    Args:
        seeds: Sound inputs as bytes.
        values: Sound inputs as values.
        render: Writes a value as bytes.
    """
    rendered = [*seeds, *(render(value) for value in values)]
    changed = mutated(rendered)
    if not values:
        return changed | st.binary(max_size=80)
    altered = st.builds(_altered, st.sampled_from(values), _CHANGES).map(render)
    return altered | changed | st.binary(max_size=80)


_WAYS = st.sampled_from(["set", "drop", "twice"])
_CHANGES = st.lists(st.tuples(st.integers(0, 2**16), _WAYS, st.sampled_from(_VALUES)), min_size=1, max_size=3)


def _altered(value: Any, changes: Sequence[tuple[int, str, Any]]) -> Any:
    """Put other values in the place of parts, drop parts, or have them twice."""
    value = deepcopy(value)
    for number, how, new in changes:
        places = list(_places(value))
        if not places:
            return new
        parent, key = places[number % len(places)]
        if how == "set":
            parent[key] = deepcopy(new)
        elif how == "drop":
            del parent[key]
        elif isinstance(parent, list):
            parent.insert(key, deepcopy(parent[key]))
        else:
            parent[f"{key}2"] = deepcopy(parent[key])
    return value


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield value, key
        yield from _places(child)


@st.composite
def mutated(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """A sound input with some bytes cut out, put in, or doubled."""
    content = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 40)))
        piece = draw(st.sampled_from(_PIECES) | st.binary(max_size=4) | st.just(content[start:end] * 2))
        content = content[:start] + piece + content[end:]
    return content


def as_json(value: Any) -> bytes:
    """One JSON document."""
    return json.dumps(value).encode()


def as_json_lines(values: Any) -> bytes:
    """A list as JSON Lines."""
    return b"\n".join(map(as_json, values if isinstance(values, list) else [values]))
