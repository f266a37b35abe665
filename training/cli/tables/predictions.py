"""Tables of predictions, scores and behaviour cases for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from annotations.schema import TOLL
from inference.prediction import Prediction
from training.cli.printable import printable
from training.evaluation.counts import Score, figure

if TYPE_CHECKING:  # these need the train extra, which predictions do not
    from training.behaviour.run import Behaviour
    from training.evaluation.scores import Scores

_SHADES = {"high": "bold", "low": "dim"}
_UNSURE = 0.5


def print_prediction(console: Console, name: str, prediction: Prediction) -> None:
    """Print a text with its spans marked in colour, and its events as a table."""
    marked = Text()
    at = 0
    for span in prediction.spans:
        color = prediction.schema.labels[span.label].color
        marked.append(printable(prediction.text[at : span.start]))
        marked.append(
            printable(span.text), style=f"{color} {_SHADES['low' if span.score < _UNSURE else 'high']} underline"
        )
        kind = f":{span.type}" if span.type else ""
        marked.append(f" [{span.label}{kind} {span.score:.2f}]", style=f"{color} dim")
        at = span.end
    marked.append(printable(prediction.text[at:]))
    windows = "window" if prediction.windows == 1 else "windows"
    console.rule(f"{name}: {prediction.model}, {prediction.windows} {windows}")
    console.print(marked)
    if not prediction.events:
        console.print(f"no {prediction.schema.event} found", style="dim")
        return
    rows = [prediction.cells(event) for event in prediction.events]
    table = Table("", "type", *(heading.lower() for heading in rows[0]), padding=(0, 0, 0, 1))
    for event, row in zip(prediction.events, rows, strict=True):
        cells = (cell.replace("; ", "\n") if heading == TOLL else cell for heading, cell in row.items())
        table.add_row(event.id, f"{event.attack_type}\n{event.score:.2f}", *cells)
    console.print(table)


def print_scores(console: Console, title: str, scores: Mapping[str, Scores]) -> None:
    """Print precision, recall and F1 per label for strict and partial match; narrow enough for 80 columns."""
    table = Table(title=title)
    for heading in ("label", "strict\n P    R    F1", "partial\n P    R    F1", "overlap\nF1", "gold", "found"):
        table.add_column(heading, justify="left" if heading == "label" else "right", no_wrap=True)
    strict, partial, overlap = (scores[name] for name in ("strict", "partial", "overlap"))
    last = list(strict.labels)[-1]
    for label in strict.labels:
        row = (strict.labels[label], partial.labels[label], overlap.labels[label])
        table.add_row(*_score_cells(label, *row), end_section=label == last)
    table.add_row(*_score_cells("core, micro", strict.core, partial.core, overlap.core))
    table.add_row(*_score_cells("all, micro", strict.micro, partial.micro, overlap.micro))
    table.add_row("all, macro", *(_f1(found.macro_f1) for found in (strict, partial, overlap)))
    console.print(table)


def _score_cells(name: str, strict: Score, partial: Score, overlap: Score) -> list[str]:
    figures = [f"{score.precision:.2f} {score.recall:.2f} {_f1(score.f1)}" for score in (strict, partial)]
    return [name, *figures, _f1(overlap.f1), str(strict.gold), str(strict.predicted)]


def _f1(value: float) -> str:
    return f"{figure(value):>5}"


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
