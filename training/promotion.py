"""Promotion and rollback: an alias moves to another version of the registered model.

`champion` is the version in use, `previous` the one that was it before, `challenger` one that may become it. Only
`champion` leaves a `previous` behind.
"""

from __future__ import annotations

import getpass
import re
import socket
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import mlflow

from annotations.errors import ExplainedError
from annotations.standoff import TextSource
from inference.address import load
from inference.manifest import ModelError
from inference.model import Model
from training.evaluation.facts import Report, gather
from training.evaluation.gates import Outcome, check, load_gates
from training.promotion_record import TAG, Move, grown, read_moves
from training.registry import (
    FAILURES,
    Version,
    alias_hint,
    find_version,
    holder,
    known_versions,
    list_versions,
    store,
    tag_version,
)

CHAMPION, PREVIOUS, CHALLENGER = "champion", "previous", "challenger"
_ALIAS = re.compile(r"(?!(?:v?\d+|latest)$)[\w-]{1,255}", re.IGNORECASE)  # MLflow keeps v3 and latest for itself

_Step = tuple[str, Callable[[], object]]


class PromotionError(ExplainedError, ValueError):
    """An alias that was not moved, or not all of what belongs to it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a promotion would do.

    Args:
        version: The version that is to get the alias.
        alias: The alias.
        before: The version that it comes after; None where there is none.
        moved: Whether the alias has moved already, in a promotion that stopped before it was recorded.
    """

    version: Version
    alias: str
    before: Version | None
    moved: bool = False


def plan(versions: Sequence[Version], version: Version, alias: str) -> Plan:
    """Plan a promotion.

    Args:
        versions: All versions of the registered model.
        version: The one to promote.
        alias: The alias it is to get.

    Raises:
        PromotionError: The alias cannot be given by hand, or the version has it already.
        RecordError: The version's record was changed by hand.
    """
    if not _ALIAS.fullmatch(alias) or alias == PREVIOUS:
        problem = f"{alias!r} cannot be given to a version"
        raise PromotionError(
            f"{problem}; take letters, digits, - and _, and neither a number, v3, latest nor {PREVIOUS}"
        )
    moves = [move for move in read_moves(version.tags, version.address) if move.get("alias") == alias]
    current = holder(versions, alias)
    if current is None or current.number != version.number:
        return Plan(version, alias, current)
    if moves and moves[-1]["action"] == "promoted":
        raise PromotionError(f"{version.address} is {alias} already; nothing was changed")
    before = holder(versions, PREVIOUS) if alias == CHAMPION else None
    return Plan(version, alias, None if before and before.number == version.number else before, moved=True)


@dataclass(frozen=True, slots=True)
class Examined:
    """A planned promotion with what became of its gates."""

    plan: Plan
    outcomes: Sequence[Outcome]

    @property
    def failed(self) -> list[Outcome]:
        """Gates that are not met."""
        return [outcome for outcome in self.outcomes if not outcome.passed]


def examine(
    word: str,
    *,
    alias: str = CHAMPION,
    gates: str = "gates",
    data: Sequence[str] = (),
    name: str = "conflict-events",
    uri: str | None = None,
    texts: TextSource | None = None,
    report: Report = lambda _: None,
) -> Examined:
    """Hold a version against the gates; nothing is changed.

    Args:
        word: The version: number, alias or address.
        alias: The alias it is to get.
        gates: A YAML file of gates, or the name of a shipped one.
        data: Data in place of the gates' own.
        name: Name of the registered model.
        uri: Address of the tracking store.
        texts: Texts of stand-off documents.
        report: Told what is done next.

    Raises:
        DataError: A fault in gates or data.
        TrackingError: The store cannot be used.
        RegistryError: There is no such version.
        PromotionError: As `plan`.
        ModelError: The version's model folder is damaged.
        CostError: The measuring process failed.
    """
    asked = load_gates(gates, data)
    with store(uri):
        version = find_version(word, name)
        planned = plan(known_versions(version.name), version, alias)
    model = load(f"models:/{version.address}")
    facts = gather(asked, gates, alias, model, _loaded(planned.before, report), texts or TextSource(None), report)
    return Examined(planned, check(asked, facts))


def _loaded(version: Version | None, report: Report) -> Model | str | None:
    """Load the version to compare with; a damaged one must not keep its successor out for ever."""
    if version is None:
        return None
    try:
        return load(f"models:/{version.address}")
    except ModelError as error:
        report(str(error))
        return version.address


def promote(examined: Examined, *, reason: str = "", force: bool = False, by: str | None = None) -> Move:
    """Give the alias to the version, and record it in the version's tags.

    Args:
        examined: The promotion, its gates checked.
        reason: Why.
        force: Promote although gates failed; they are recorded.
        by: Who; by default `who()`.

    Returns:
        What was recorded.

    Raises:
        PromotionError: A gate failed and it was not forced, it was forced for no reason, the alias has moved
            meanwhile, or MLflow failed on the way: the message says how far it came.
    """
    check_reason(reason, force)
    planned, failed = examined.plan, examined.failed
    if failed and not force:
        count = f"{len(failed)} of {len(examined.outcomes)} gates failed"
        raise PromotionError(f"{count}, nothing was changed; --force with a --reason promotes all the same")
    _check_unmoved(planned)
    version, alias, before = planned.version, planned.alias, planned.before
    origin = str(before.number) if before else None
    texts = [str(outcome) for outcome in failed]
    move = Move("promoted", alias, origin, str(version.number), by or who(), _now(), reason.strip(), texts)
    steps: list[_Step] = []
    if not planned.moved:
        if alias == CHAMPION and before:  # first, so that there is a way back at any time
            steps.append(_give(PREVIOUS, before))
        steps.append(_give(alias, version))
    if alias == CHAMPION and CHALLENGER in version.aliases:
        steps.append(_take(CHALLENGER, version))
    # The list comes last: a version without it is not recorded yet, and the same command goes on.
    steps += [_tagged(version, move.tags()), _tagged(version, _record(version, move))]
    _run(steps, "the same command goes on from there")
    return move


def _check_unmoved(planned: Plan) -> None:
    """Gates take a while; somebody else may have promoted in that time."""
    expected = planned.version if planned.moved else planned.before
    with store(mlflow.get_tracking_uri()):
        now = holder(list_versions(planned.version.name), planned.alias)
    if (now and now.number) != (expected and expected.number):
        found = now.address if now else "nobody"
        raise PromotionError(f"meanwhile {planned.alias} was given to {found}, nothing was changed; promote again")


def rollback(
    reason: str, *, alias: str = CHAMPION, name: str = "conflict-events", uri: str | None = None, by: str | None = None
) -> Move:
    """Give `champion` back to the version that was it before.

    The alias `previous` is gone afterwards: a second rollback finds nothing to go back to, rather than putting the
    version that was left in use again.

    Args:
        reason: Why.
        alias: The alias; only `champion` has a way back.
        name: Name of the registered model.
        uri: Address of the tracking store.
        by: Who; by default `who()`.

    Returns:
        What was recorded, in the tags of the version left.

    Raises:
        TrackingError: The store cannot be used.
        PromotionError: There is no such alias or nothing to go back to, no reason is told, or MLflow failed on the
            way: the message says how far it came.
        RegistryError: There is no such registered model.
        RecordError: The record of the version left was changed by hand.
    """
    check_reason(reason, needed=True)
    with store(uri):
        versions = known_versions(name)
    left, target = holder(versions, alias), holder(versions, PREVIOUS)
    if left is None:
        raise PromotionError(f"{name} has no alias {alias!r}; {alias_hint(versions, alias)}")
    if alias != CHAMPION:
        remedy = f"give {alias} to another version with 'conflict-events promote VERSION --alias {alias}'"
        raise PromotionError(f"only {CHAMPION} has a way back; {remedy}")
    if target is None or target.number == left.number:
        why = (
            f"no version has the alias {PREVIOUS}" if target is None else f"{left.address} has the alias {PREVIOUS} too"
        )
        remedy = "promote the version wanted"
        raise PromotionError(f"there is nothing to go back to from {left.address}: {why}; {remedy}")
    move = Move("rolled back", alias, str(left.number), str(target.number), by or who(), _now(), reason.strip())
    steps = [_tagged(left, _record(left, move)), _give(alias, target), _take(PREVIOUS, target)]
    _run(steps, f"look at 'conflict-events models': if {alias} is still {left.address}, roll back again")
    return move


def check_reason(reason: str, needed: bool) -> None:
    """Refuse to force or to roll back for no reason.

    Raises:
        PromotionError: A reason is needed and there is none but blanks.
    """
    if needed and not reason.strip():
        raise PromotionError("say why with --reason; it is kept with the version")


def _give(alias: str, version: Version) -> _Step:
    client = mlflow.MlflowClient()
    return (
        f"{alias} to {version.address}",
        lambda: client.set_registered_model_alias(version.name, alias, str(version.number)),
    )


def _take(alias: str, version: Version) -> _Step:
    client = mlflow.MlflowClient()
    return (
        f"{alias} off {version.address}",
        lambda: client.delete_registered_model_alias(version.name, alias),
    )


def _tagged(version: Version, tags: dict[str, str]) -> _Step:
    return (
        f"{', '.join(tags)} in the tags of {version.address}",
        lambda: tag_version(version.name, str(version.number), tags),
    )


def _record(version: Version, move: Move) -> dict[str, str]:
    return {TAG: grown(read_moves(version.tags, version.address), move.to_dict())}


def _run(steps: Sequence[_Step], remedy: str) -> None:
    for number, (_, step) in enumerate(steps):
        try:
            step()
        except FAILURES as error:
            done, rest = (", ".join(words for words, _ in part) for part in (steps[:number], steps[number:]))
            raise PromotionError(
                f"MLflow failed: {error}; done: {done or 'nothing'}; not done: {rest}; {remedy}"
            ) from error


def who() -> str:
    """Return who is at work: the name and address that git knows, else the user of the machine."""
    name, email = _git("user.name"), _git("user.email")
    if name or email:
        return f"{name} <{email}>" if name and email else name or email
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError):  # a container may run as a user that its system has no name for
        return f"unknown@{socket.gethostname()}"


def _git(key: str) -> str:
    try:
        found = subprocess.run(["git", "config", key], capture_output=True, text=True, check=False)  # noqa: S603, S607
    except OSError:  # no git here
        return ""
    return found.stdout.strip()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
