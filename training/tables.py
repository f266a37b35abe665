"""Tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from annotations.agreement import Agreement
from annotations.stats import Stats
from inference.prediction import Prediction, describe

if TYPE_CHECKING:  # both need the train extra, which predictions do not
    from training.registry import Version
    from training.scores import Score, Scores

_SHADES = {"high": "bold", "low": "dim"}
_UNSURE = 0.5


def print_prediction(console: Console, name: str, prediction: Prediction) -> None:
    """Print a text with its spans marked in colour, and its events as a table."""
    marked = Text()
    at = 0
    for span in prediction.spans:
        color = prediction.schema.labels[span.label].color
        marked.append(prediction.text[at : span.start])
        marked.append(span.text, style=f"{color} {_SHADES['low' if span.score < _UNSURE else 'high']} underline")
        kind = f":{span.type}" if span.type else ""
        marked.append(f" [{span.label}{kind} {span.score:.2f}]", style=f"{color} dim")
        at = span.end
    marked.append(prediction.text[at:])
    windows = "window" if prediction.windows == 1 else "windows"
    console.rule(f"{name}: {prediction.model}, {prediction.windows} {windows}")
    console.print(marked)
    if not prediction.events:
        console.print("no attack found", style="dim")
        return
    table = Table("event", "type", "perpetrators", "victims", "toll", "where", "when")
    by_id = {span.id: span.text for span in prediction.spans}
    for event in prediction.events:
        table.add_row(
            event.id,
            f"{event.attack_type} ({event.score:.2f})",
            Text(", ".join(who.name for who in event.perpetrators)),
            Text(", ".join(who.name for who in event.victims)),
            "\n".join(f"{kind}: {describe(toll.toll)}" for kind, toll in event.toll.items()),
            Text(", ".join(by_id[i] for i in event.locations)),
            Text(", ".join(by_id[i] for i in event.dates)),
        )
    console.print(table)


def print_scores(console: Console, title: str, scores: Mapping[str, Scores]) -> None:
    """Print precision, recall and F1 per label, for strict and partial match."""
    table = Table(title=title)
    table.add_column("label")
    for name in ("strict", "partial"):
        for measure in ("P", "R", "F1"):
            table.add_column(f"{name} {measure}", justify="right")
    table.add_column("overlap F1", justify="right")
    table.add_column("gold", justify="right")
    table.add_column("found", justify="right")
    rows: dict[str, dict[str, Score]] = {}
    for name, found in scores.items():
        for label, score in {
            **found.labels,
            "core labels, micro": found.core,
            "all labels, micro": found.micro,
        }.items():
            rows.setdefault(label, {})[name] = score
    for label, by_match in rows.items():
        strict, partial, overlap = by_match["strict"], by_match["partial"], by_match["overlap"]
        figures = [v for s in (strict, partial) for v in (s.precision, s.recall, s.f1)]
        cells = [f"{value:.3f}" for value in (*figures, overlap.f1)]
        table.add_row(
            label,
            *cells,
            str(strict.gold),
            str(strict.predicted),
            end_section=label == list(scores["strict"].labels)[-1],
        )
    macro = ["", "", f"{scores['strict'].macro_f1:.3f}", "", "", f"{scores['partial'].macro_f1:.3f}"]
    table.add_row("all labels, macro", *macro, f"{scores['overlap'].macro_f1:.3f}")
    console.print(table)


def print_stats(console: Console, stats: Stats) -> None:
    """Print counts of a data set."""
    console.print(
        f"{stats.documents} documents ({stats.without_events} without an attack), {stats.words:,} words, "
        f"{stats.spans:,} spans, {stats.events:,} events"
    )
    for title, counter in (
        ("label", stats.label),
        ("type", stats.type),
        ("events by attack type", stats.event),
        *((key, found) for key, found in stats.meta.items()),
    ):
        if counter:
            table = Table(title, "count")
            for name, number in counter.most_common():
                table.add_row(name, str(number))
            console.print(table)


def print_agreement(console: Console, table: Mapping[str, Agreement]) -> None:
    """Print exact and partial agreement per label."""
    shown = Table("label", "first", "second", "exact F1", "partial F1")
    for label, row in table.items():
        shown.add_row(label, str(row.first), str(row.second), f"{row.exact_f1:.3f}", f"{row.partial_f1:.3f}")
    console.print(shown)


def print_versions(console: Console, name: str, versions: Sequence[Version]) -> None:
    """Print registered versions with scores and aliases."""
    table = Table(title=name)
    for column in ("version", "aliases", "dev F1 strict", "dev F1 partial", "test F1 partial", "data", "config", "run"):
        table.add_column(column)
    for row in versions:
        tags = row.tags
        table.add_row(
            str(row.number),
            ", ".join(row.aliases),
            *(tags.get(key, "") for key in ("dev_strict_f1", "dev_partial_f1", "test_partial_f1")),
            *(tags.get(key, "")[:8] for key in ("data_digest", "config_digest")),
            row.run_id[:8],
        )
    console.print(table)
