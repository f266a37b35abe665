"""Behaviour cases for the terminal: one line per capability, and the failed cases."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from training.behaviour.run import Behaviour


def print_behaviour(console: Console, title: str, behaviour: Behaviour) -> None:
    """Print the number and share of passed cases by capability and in total."""
    table = Table(title=title)
    for heading in ("capability", "kind", "passed", "rate"):
        table.add_column(heading, justify="right" if heading in ("passed", "rate") else "left")
    kinds, counts = behaviour.kinds(), behaviour.capabilities()
    for number, (name, (passed, total)) in enumerate(counts.items(), start=1):
        row = (name, kinds[name], f"{passed}/{total}", f"{passed / total:.0%}")
        table.add_row(*row, end_section=number == len(counts))
    table.add_row("total", "", f"{behaviour.passed}/{len(behaviour.outcomes)}", f"{behaviour.pass_rate:.0%}")
    console.print(table)


def print_failures(console: Console, behaviour: Behaviour) -> None:
    """Print each failed case: what was expected and what was predicted."""
    for outcome in behaviour.outcomes:
        for sentence in outcome.failures:
            line = f"{outcome.capability}, {outcome.case}: {sentence}"
            console.print(line, markup=False, highlight=False, soft_wrap=True)
