"""Which tests are integration tests, and a check that all others stay away from processes, stores and servers.

A test is an integration test if it uses MLflow or starts a process: itself, by a function or class of the tests, or by
a fixture. This is found from the code, so nobody has to mark it. What it starts through a command or a function of the
product is not seen there: such a test is marked by hand, and fails if it is not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from inspect import isclass, isfunction, unwrap
from types import CodeType, FrameType, ModuleType
from typing import Any

import pytest

_STARTS = {"run", "Popen", "check_output", "check_call"}  # what starts a process, in the module subprocess
_EVENTS = {
    "subprocess.Popen": "starts a process",
    "os.fork": "starts a process",
    "os.posix_spawn": "starts a process",
    "sqlite3.connect": "opens a database",
    "socket.bind": "opens a port",
}
_seen: set[str] = set()


def mark_integration_tests(items: list[pytest.Item]) -> None:
    """Mark each test that reaches outside, and each slow one."""
    known: dict[int, bool] = {}
    for item in items:
        if isinstance(item, pytest.Function):
            fixtures = [found[-1].func for found in item._fixtureinfo.name2fixturedefs.values()]
            outside = any(reaches_outside(function, known) for function in (item.obj, *fixtures))
            if outside or item.get_closest_marker("slow"):
                item.add_marker("integration")


def reaches_outside(thing: Any, known: dict[int, bool]) -> bool:
    """Whether a function or class of the tests uses MLflow or starts a process, by whatever it calls.

    Args:
        thing: The function or class.
        known: What is known of those looked at before, by their id; it is added to.
    """
    thing = getattr(getattr(thing, "hypothesis", None), "inner_test", thing)
    thing = getattr(unwrap(thing), "__func__", unwrap(thing))
    if id(thing) not in known:
        known[id(thing)] = False  # while it is looked at, as it may call itself
        known[id(thing)] = any(_outside_of(function, known) for function in _functions(thing))
    return known[id(thing)]


def _outside_of(function: Any, known: dict[int, bool]) -> bool:
    names = set(_names(function.__code__))
    if "mlflow" in names or ("subprocess" in names and names & _STARTS):
        return True
    # A name of a module of the tests is followed into what is taken from it.
    values = [function.__globals__[name] for name in names if name in function.__globals__]
    modules = [value for value in values if isinstance(value, ModuleType) and _of_tests(value)]
    values += [getattr(value, name) for value in modules for name in names if hasattr(value, name)]
    return any(_from(value, "mlflow") or (_of_tests(value) and reaches_outside(value, known)) for value in values)


def _functions(thing: Any) -> Iterator[Any]:
    if isfunction(thing):
        yield thing
    elif isclass(thing):
        yield from (unwrap(value) for value in vars(thing).values() if isfunction(value))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _of_tests(value: Any) -> bool:
    return _from(value, "tests")


def _from(value: Any, package: str) -> bool:
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    return isinstance(name, str) and name.split(".")[0] == package


def watch() -> None:
    """Note from now on what any code does that only integration tests may do."""
    sys.addaudithook(_note)


def done_by_test() -> set[str]:
    """What was noted since the last call."""
    done = set(_seen)
    _seen.clear()
    return done


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    # A database in memory is no store, and asking git for the commit takes no time.
    if event not in _EVENTS or arguments[:1] in {("",), (":memory:",), ("git",)}:
        return
    frame: FrameType | None = sys._getframe()
    while frame := frame.f_back:
        if frame.f_globals.get("__name__") == "importlib._bootstrap":
            return  # what a library does when it is imported, whichever test does this first
    _seen.add(_EVENTS[event])
