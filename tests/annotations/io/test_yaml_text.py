"""YAML from outside: small texts that stand for too much, or that PyYAML reads with an error of Python."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from annotations import DataError, load_schema
from annotations.io.config_files import read_yaml
from annotations.io.yaml_text import MAX_BYTES, MAX_DEPTH, MAX_NODES, parse_yaml
from training.behaviour.case_files import read_cases
from training.config import load_config
from training.release.gates import load_gates


def _steps(first: str, step: Callable[[str], str], number: int) -> str:
    """A chain of anchors, each made of the one before."""
    lines = [f"a0: &a0 {first}", *(f"a{at}: &a{at} {step(f'*a{at - 1}')}" for at in range(1, number))]
    return "\n".join(lines) + "\n"


BOMB = _steps("[x, x, x, x, x]", lambda last: f"[{', '.join([last] * 9)}]", 12)
BAD = {
    "bomb": (BOMB, 5),
    "bomb of merged keys": (_steps("{k: 1}", lambda last: f"{{<<: [{', '.join([last] * 9)}]}}", 12), 5),
    "deep by aliases": (_steps("[x]", lambda last: f"[{last}]", 100), MAX_DEPTH - 1),
    "list within itself": ("a: &a [*a]\n", 1),
    "mapping within itself": ("a: 1\nb: &b {c: *b}\n", 2),
    "itself deeper": ("a: &a {b: [{c: *a}]}\n", 1),
    "brackets": ("a: " + "[" * 2000 + "]" * 2000, 1),
    "open braces": ("a: 1\nb: " + "{a: " * 2000, 2),
    "dashes": ("a:\n  " + "- " * 2000 + "x", 2),
    "blocks": ("".join(" " * at + "a:\n" for at in range(500)), MAX_DEPTH),
    "many values": ("a: [" + "1," * (MAX_NODES + 10) + "]", 1),
    "date": ("a: 1\nb: 2001-99-99\n", 2),
    "long number": ("a: " + "9" * 5000, 1),
    "long number in sixties": ("a: 1" + ":10" * 5000, 1),
    "tag of a number": ("a: !!int x", 1),
    "tag of a truth": ("a: !!bool x", 1),
    "tag of a date": ("a: !!timestamp x", 1),
    "tag of Python": ("a: !!python/object/apply:os.getcwd []", 1),
    "escape beyond Unicode": ('a: "\\UFFFFFFFF"', 1),
    "half a character": ('a: 1\nb: "\\uD800"', 2),
    "control character": ("a: 1\nb: x\x1b[2J\n", 2),
    "key twice": ("a: 1\nb: {c: 1, c: 2}\n", 2),
    "two documents": ("a: 1\n---\nb: 1\n", 2),
}


@pytest.mark.parametrize("name", BAD)
def test_yaml_that_cannot_be_used_is_refused_with_its_line(tmp_path: Path, name: str) -> None:
    text, line = BAD[name]
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_yaml(tmp_path / "mine.yaml")
    (fault,) = caught.value.faults
    assert (fault.file, fault.line) == (str(tmp_path / "mine.yaml"), line)
    assert len(str(fault)) < 600


@pytest.mark.parametrize("text", [BOMB, "a: &a [*a]", "a: " + "[" * 2000, "a: " + "9" * 5000])
@pytest.mark.parametrize("read", [load_config, load_schema, load_gates, read_cases])
def test_every_reader_of_yaml_is_bounded(tmp_path: Path, read: Callable[[Any], Any], text: str) -> None:
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"mine\.yaml:\d"):
        read(tmp_path / "mine.yaml")


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(DataError, match=r"mine\.yaml.*1,000,000"):
        read_yaml(tmp_path / "mine.yaml")


def test_aliases_within_bounds_are_read() -> None:
    text = "base: &base {epochs: 3}\nfirst: *base\nsecond: {<<: *base, seed: 1}\n"
    assert parse_yaml(text) == {"base": {"epochs": 3}, "first": {"epochs": 3}, "second": {"epochs": 3, "seed": 1}}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=20,
)


@given(VALUES)
def test_what_the_plain_loader_reads_is_read_alike(value: object) -> None:
    assert parse_yaml(yaml.safe_dump(value, allow_unicode=True)) == value


@given(st.text("abx&*[]{}:,-!?<>\"' 10\n\t%\\", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(DataError):
        parse_yaml(text)
