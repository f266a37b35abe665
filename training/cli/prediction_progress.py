"""A bar on standard error while texts are predicted: how many are done, texts a second, and the time left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from training.cli.terminal import clock

Step = Callable[[], None]


def no_step() -> None:
    """Count nothing, where no bar is shown."""


@contextmanager
def bar(console: Console, total: int) -> Iterator[Step]:
    """Show a bar, and yield a function to call after each text.

    Args:
        console: Where it is shown; it is left as it was.
        total: The number of texts.
    """
    columns = (
        TextColumn("{task.completed}/{task.total} texts", markup=False),
        BarColumn(),
        TextColumn("{task.fields[facts]}", markup=False),
    )
    # Standard output is for predictions: rich would send it to the console of the bar.
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as bars:
        task = bars.add_task("", total=total, facts="")
        started = monotonic()
        done = 0

        def step() -> None:
            nonlocal done
            done += 1
            bars.update(task, completed=done, facts=facts(done, total, monotonic() - started))

        yield step


def facts(done: int, total: int, seconds: float) -> str:
    """Return texts a second and the time left.

    Args:
        done: The number of texts that are done.
        total: The number of texts.
        seconds: The time since the start.

    Example:
        >>> facts(50, 200, 20.0)
        '2.5 texts a second, 1:00 left'
    """
    if not done or seconds <= 0:
        return ""
    return f"{done / seconds:.1f} texts a second, {clock(max(0, total - done) * seconds / done)} left"
