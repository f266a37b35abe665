"""Integration tests are found by what they use, and a unit test that does what they may do fails."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import helpers, registered, tiers

ROOT = Path(__file__).parents[1]


def starts() -> None:
    subprocess.run(["true"], check=True)


def calls_itself(depth: int) -> None:
    if depth:
        calls_itself(depth - 1)


def imports() -> None:
    import mlflow

    mlflow.start_run()


def within() -> list[Any]:
    return [starts() for _ in range(2)]


def through_a_module() -> None:
    registered.empty_store(Path("a.db"))


@contextlib.contextmanager
def wrapped() -> Iterator[None]:
    starts()
    yield


@given(st.integers())
def drawn(_: int) -> None:
    helpers.run_process()


class Made:
    def call(self) -> None:
        starts()


def a_command() -> None:
    helpers.run("data", "stats")


def a_type(_: subprocess.CompletedProcess[str]) -> None:
    """A result of a command, which is no process."""


@pytest.mark.parametrize("function", [starts, imports, within, through_a_module, wrapped, drawn, Made, Made().call])
def test_what_reaches_outside_is_found(function: Callable[..., Any]) -> None:
    assert tiers.reaches_outside(function, {})


@pytest.mark.parametrize("function", [calls_itself, a_command, a_type, pytest.fixture, Path, 3])
def test_what_stays_inside_is_found(function: Any) -> None:
    assert not tiers.reaches_outside(function, {})


def test_databases_and_ports_are_noted_but_for_databases_in_memory(tmp_path: Path) -> None:
    for name in ("", ":memory:"):
        sqlite3.connect(name).close()
    assert tiers.done_by_test() == set()
    sqlite3.connect(tmp_path / "a.db").close()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
    assert tiers.done_by_test() == {"opens a database", "opens a port"}
    assert tiers.done_by_test() == set()


UNMARKED = """
import os, sys
import pytest

def start():
    os.waitpid(os.posix_spawn(sys.executable, [sys.executable, "-c", ""], os.environ), 0)

@pytest.fixture
def started():
    start()

def test_itself():
    start()

def test_by_a_fixture(started):
    pass

@pytest.mark.integration
def test_marked(started):
    pass

def test_nothing():
    pass
"""


def test_a_unit_test_that_starts_a_process_fails(tmp_path: Path) -> None:
    (tmp_path / "test_unmarked.py").write_text(UNMARKED, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    found = subprocess.run(
        [*command, "--rootdir", str(tmp_path), str(tmp_path)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    results = {line.split("::")[1].split()[0]: line.split()[0] for line in found.stdout.splitlines() if "::" in line}
    failed = {"test_itself": "FAILED", "test_by_a_fixture": "FAILED"}
    assert results == {**failed, "test_marked": "PASSED", "test_nothing": "PASSED"}, found.stdout
