"""Tables of registered versions, their lineage, what differs between two, and gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from training.cli.printable import printable
from training.evaluation.counts import title
from training.release.changes import Changes
from training.release.gate_checks import Outcome
from training.release.lineage import Lineage
from training.release.package import Parity
from training.release.promotion import Examined
from training.release.promotion_record import Move, is_count
from training.store.registry import Version, score

_SHORT = 7  # characters of a digest or an id


def version_row(version: Version) -> dict[str, Any]:
    """Return one row of the list of versions as plain values."""
    scores = {key: score(version.tags.get(key)) for split in ("dev", "test") for key in _score_keys(split)}
    return {
        "version": version.number,
        "aliases": list(version.aliases),
        **scores,
        "data_digest": version.tags.get("data_digest"),
        "config_digest": version.tags.get("config_digest"),
        "run": version.run_id,
        "created": version.created.isoformat(timespec="seconds"),
    }


def _score_keys(split: str) -> tuple[str, str]:
    return f"{split}_strict_f1", f"{split}_partial_f1"


def print_versions(console: Console, name: str, versions: Sequence[Version]) -> None:
    """Print registered versions with aliases, scores and origin."""
    table = Table(title=name, box=SIMPLE_HEAD, show_edge=False, padding=0, caption="F1: strict/partial match")
    for heading in ("version", "aliases", "dev F1", "test F1", "data", "config", "run"):
        table.add_column(heading, no_wrap=heading != "aliases")
    table.add_column("created", no_wrap=True)
    for version in versions:
        row = version_row(version)
        table.add_row(
            str(version.number),
            ", ".join(version.aliases),
            *("/".join(_score(row[key]) for key in _score_keys(split)) for split in ("dev", "test")),
            *(str(row[key] or "")[:_SHORT] for key in ("data_digest", "config_digest", "run")),
            f"{version.created:%Y-%m-%d}",
        )
    console.print(table)


def _score(value: float | None) -> str:
    return f"{value:.3f}" if value is not None else "-"


def print_lineage(console: Console, found: Lineage) -> None:
    """Print where a version comes from, one fact per line."""
    version, run = found.version, found.run
    table = Table(title=version.address, show_header=False)
    table.add_column("fact", no_wrap=True)
    table.add_column("value", overflow="fold")
    _section(table, {
        "aliases": ", ".join(version.aliases) or "none",
        "created": f"{version.created:%Y-%m-%d %H:%M} UTC",
        **{f"run {key}": run[key] for key in ("id", "name", "status", "user", "started", "seconds") if key in run},
        "commit": found.commit,
    })  # fmt: skip
    _section(table, {f"{use} data": _split(split.to_dict()) for use, split in found.data.items()})
    labels = found.schema
    if labels:
        described = f"{labels['name']} version {labels['version']}, {len(labels['classes'])} labels and types"
        _section(table, {"schema": f"{described}, {str(labels['sha256'])[:_SHORT]}"})
    _section(table, found.config)
    _section(table, found.packages)
    _section(table, {key: f"{value:.4f}" for key, value in found.scores.items()})
    _section(table, [(str(move.get("at", "earlier")), _move(move)) for move in found.promotions])
    _section(table, [(str(one["at"]), _evaluation(one)) for one in found.evaluations])
    console.print(table)
    if found.metrics:
        console.print(f"{len(found.metrics)} metrics of the run: --format json lists them", highlight=False)
    _problems(console, found.problems)


def _section(table: Table, rows: Mapping[str, Any] | Sequence[tuple[str, Any]]) -> None:
    pairs = list(rows.items()) if isinstance(rows, Mapping) else rows
    for number, (key, value) in enumerate(pairs, start=1):
        table.add_row(key, "not known" if value is None else str(value), end_section=number == len(pairs))


def _split(split: Mapping[str, Any]) -> str:
    files, digest = ", ".join(split["files"]), (split["digest"] or "not known")[:_SHORT]
    documents = f"{'?' if split['documents'] is None else split['documents']} documents"
    texts = f" and {split['unannotated']} texts without annotation" if split.get("unannotated") else ""
    return f"{files}: {documents}{texts}, digest {digest}"


def _move(move: Mapping[str, Any]) -> str:
    if is_count(move):
        return f"{move['omitted']} moves that no longer fit into the tag"
    gates = move.get("failed_gates")
    failed = "; ".join(map(str, gates)) if isinstance(gates, list) else str(gates)
    forced = f", forced: {failed}" if move.get("forced") else ""
    way = f"{move.get('action')} {move.get('alias')}: {move.get('from') or 'none'} -> {move.get('to')}"
    return f"{way} by {move.get('by')}: {move.get('reason') or 'no reason given'}{forced}"


def _evaluation(one: Mapping[str, Any]) -> str:
    core, verdict = one.get("eval_partial_core_f1"), one.get("verdict")
    result = verdict or ("" if core is None else f"core F1 partial {core:.3f}")
    what = "compared" if verdict else "evaluated"
    return f"{what} on {one['data'] or 'unknown data'} in run {str(one['run'])[:_SHORT]}: {result}"


def print_changes(console: Console, found: Changes) -> None:
    """Print what differs between two versions."""
    table = Table(title="what differs")
    for heading in ("", found.first, found.second):
        table.add_column(heading, overflow="fold")
    _pairs(table, "", found.config)
    for use, changes in found.data.items():
        _pairs(table, f"{use} data: ", {key: pair for key, pair in changes.items() if key != "texts"})
    _pairs(table, "schema ", found.schema)
    _pairs(table, "", found.packages)
    _pairs(table, "", {"commit": found.commit} if found.commit else {})
    _pairs(table, "", found.scores)
    console.print(table if not found.empty else f"{found.first} and {found.second} do not differ")
    for use, changes in found.data.items():
        if "texts" in changes:
            console.print(f"{use} data: {_texts(changes['texts'])}", highlight=False, soft_wrap=True)
    for what, names in found.classes.items():
        console.print(f"labels and types {what}: {', '.join(names)}", highlight=False, markup=False, soft_wrap=True)
    _problems(console, found.problems)


def _pairs(table: Table, prefix: str, pairs: Mapping[str, Sequence[Any]]) -> None:
    for number, (key, pair) in enumerate(pairs.items(), start=1):
        short = _SHORT if key in ("digest", "sha256") else None
        cells = [_cell(value)[:short] for value in pair]
        if all(isinstance(value, float) for value in pair):
            cells[1] += f" ({pair[1] - pair[0]:+.4f})"
        table.add_row(prefix + key, *cells, end_section=number == len(pairs))


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "-" if value is None else str(value)


def _texts(numbers: Mapping[str, int]) -> str:
    if not numbers["added"] and not numbers["removed"]:
        return f"the same {numbers['kept']} texts with different annotation"
    return f"{numbers['added']} texts added, {numbers['removed']} removed, {numbers['kept']} kept"


def _problems(console: Console, problems: Sequence[str]) -> None:
    for problem in problems:
        console.print(f"not known: {problem}", style="yellow", highlight=False, markup=False, soft_wrap=True)


def promotion_row(examined: Examined, move: Move | None) -> dict[str, Any]:
    """Return a promotion as plain values: its gates, and the move if it was made."""
    plan = examined.plan
    return {
        "version": plan.version.address,
        "alias": plan.alias,
        "before": plan.before.address if plan.before else None,
        "gates": [outcome.to_dict() for outcome in examined.outcomes],
        "promoted": move is not None,
        "move": move.to_dict() if move else None,
    }


def print_outcomes(console: Console, title: str, outcomes: Sequence[Outcome]) -> None:
    """Print each gate: the bound, the value found, and the margin."""
    table = Table("gate", "asked", "found", "", title=title, padding=(0, 0, 0, 1))
    for one in outcomes:
        word = Text("passed" if one.passed else "failed", style="green" if one.passed else "bold red")
        table.add_row(
            one.gate,
            one.asked,
            one.found,
            Text(", ").join([word, Text(printable(one.by))] if one.by else [word]),
        )
    console.print(table)


def print_parity(console: Console, rows: Sequence[Parity]) -> None:
    """Print what a small copy of a model has lost, by set and measure."""
    table = Table("data", "F1", "model", "small copy", "lost", title="small copy", padding=(0, 0, 0, 1))
    for one in rows:
        figures = (f"{one.parent:.4f}", f"{one.copy:.4f}", f"{one.lost:+.4f}")
        table.add_row(one.data, title(one.measure), *figures, end_section=one.measure == rows[-1].measure)
    console.print(table)
