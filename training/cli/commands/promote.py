"""What `conflict-events promote` does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from annotations.formats.standoff import TextSource
from training.cli.tables.versions import print_outcomes
from training.cli.terminal import err, fail, put_json
from training.release.promotion import Examined, check_reason, examine, promote
from training.release.promotion_record import Move


def promotion_command(
    version: str,
    *,
    alias: str,
    gates: str,
    data: Sequence[str],
    force: bool,
    reason: str,
    name: str,
    uri: str | None,
    texts: Path | None,
    dry_run: bool,
    form: str,
    console: Console,
) -> None:
    """Run `conflict-events promote`."""
    check_reason(reason, force)  # before the gates, which take a while
    source = TextSource.from_setting(texts)
    examined = examine(version, alias=alias, gates=gates, data=data, name=name, uri=uri, texts=source, report=_report)
    address, failed = examined.plan.version.address, examined.failed
    if form == "table":
        print_outcomes(console, f"gates of {address} for {alias}", examined.outcomes)
    changes = not dry_run and (force or not failed)
    move = promote(examined, reason=reason, force=force) if changes else None
    if form == "json":
        put_json(_content(examined, move))
    if failed and not changes:
        count = f"{len(failed)} of {len(examined.outcomes)} gates failed, nothing was changed"
        fail([*map(str, failed), f"{count}; --force with a --reason promotes all the same"])
    if form == "table":
        told = f"{address} is {alias} now, after {_before(examined) or 'no other'}"
        dry = f"every gate passed; without --dry-run {address} would be {alias}"
        console.print(told if changes else dry, highlight=False, markup=False)


def _before(examined: Examined) -> str | None:
    return examined.plan.before.address if examined.plan.before else None


def _content(examined: Examined, move: Move | None) -> dict[str, Any]:
    return {
        "version": examined.plan.version.address,
        "alias": examined.plan.alias,
        "before": _before(examined),
        "gates": [outcome.to_dict() for outcome in examined.outcomes],
        "promoted": move is not None,
        "move": move.to_dict() if move else None,
    }


def _report(line: str) -> None:
    err.print(line, highlight=False, soft_wrap=True)
