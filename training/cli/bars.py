"""A bar on standard error during long work: how much is done, how fast, and the time left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from training.cli.terminal import clock, err


class Steps:
    """Counts what is done, and shows it.

    Args:
        total: The number of things to do.
        unit: What they are, in the plural.
        show: Shows the number that is done, and how fast.
    """

    def __init__(self, total: int = 0, unit: str = "texts", show: Callable[[int, str], None] | None = None) -> None:
        self._total, self._unit, self._show = total, unit, show
        self._started, self._done, self._skipped = monotonic(), 0, 0

    def step(self) -> None:
        """Count one that is done now."""
        self._done += 1
        if self._show:
            fresh = self._done - self._skipped
            self._show(self._done, facts(fresh, self._total - self._skipped, monotonic() - self._started, self._unit))

    def skip(self, count: int) -> None:
        """Count some that were done before; they say nothing of the speed."""
        self._done, self._skipped = self._done + count, self._skipped + count
        self._started = monotonic()
        if self._show:
            self._show(self._done, "")


@contextmanager
def bar(console: Console, total: int, unit: str = "texts") -> Iterator[Steps]:
    """Show a bar on a console, which is left as it was; the unit is in the plural.

    Yields:
        What counts them.
    """
    columns = (
        TextColumn(f"{{task.completed}}/{{task.total}} {unit}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[facts]}", markup=False),
    )
    # Standard output is for results: rich would send it to the console of the bar.
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as bars:
        task = bars.add_task("", total=total, facts="")
        yield Steps(total, unit, lambda done, shown: bars.update(task, completed=done, facts=shown))


@contextmanager
def shown_bar(total: int, unit: str = "texts") -> Iterator[Steps]:
    """Show a bar on standard error if it is a terminal and there are several things to do."""
    if not err.is_terminal or total <= 1:
        yield Steps()
        return
    with bar(err, total, unit) as steps:
        yield steps


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show on standard error, if it is a terminal, that something is being done, and for how long."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, redirect_stdout=False, disable=not err.is_terminal) as bars:
        bars.add_task(what, total=None)
        yield


def facts(done: int, total: int, seconds: float, unit: str = "texts") -> str:
    """Return how many are done a second, and the time left for all of them.

    Example:
        >>> facts(50, 200, 20.0)
        '2.5 texts a second, 1:00 left'
    """
    if not done or seconds <= 0:
        return ""
    return f"{done / seconds:.1f} {unit} a second, {clock(max(0, total - done) * seconds / done)} left"
