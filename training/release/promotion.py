"""Promotion and rollback: an alias moves to another version of the registered model.

`champion` is the version in use, `previous` the one that was it before, `challenger` one that may become it. Only
`champion` leaves a `previous` behind.
"""

from __future__ import annotations

import getpass
import re
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mlflow

from annotations.errors import ExplainedError
from annotations.formats.standoff import TextSource
from inference.loading import CHAMPION, PREVIOUS, load
from inference.manifest import ModelError
from inference.model import Model
from training.provenance import git
from training.release.gate_inputs import Report, gather
from training.release.gates import Outcome, check, load_gates
from training.release.promotion_record import FLAT, TAG, Move, grown, newest_move, read_record, strange_items
from training.store.registry import (
    Version,
    alias_hint,
    find_version,
    holder,
    known_versions,
    list_versions,
    store,
    tag_version,
)
from training.store.tracking import FAILURES

CHALLENGER = "challenger"
ROLLED_BACK = "rolled back"
_AT, _FROM = "promoted_at", "promoted_from"  # flat tags
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
        RecordError: The version's record was changed by hand; where it has the alias, also another version's.
    """
    if not _ALIAS.fullmatch(alias) or alias == PREVIOUS:
        problem = f"{alias!r} cannot be given to a version"
        raise PromotionError(
            f"{problem}; take letters, digits, - and _, and neither a number, v3, latest nor {PREVIOUS}"
        )
    read_record(version.tags, version.address)  # which grows at the end: a damaged one stops before anything moves
    current = holder(versions, alias)
    if current is None and alias == CHAMPION:
        current = holder(versions, PREVIOUS)  # the version in use, where the champion was deleted
        if current is not None and current.number == version.number:
            return Plan(version, alias, None)
    if current is None or current.number != version.number:
        return Plan(version, alias, current)
    newest = _newest(versions, alias)
    if newest and newest.get("to") == str(version.number):
        raise PromotionError(f"{version.address} is {alias} already; nothing was changed")
    before = holder(versions, PREVIOUS) if alias == CHAMPION else None
    return Plan(version, alias, None if before and before.number == version.number else before, moved=True)


def _newest(versions: Sequence[Version], alias: str) -> Mapping[str, Any] | None:
    """The newest move over all versions: a version's own newest may be of an earlier time in use."""
    return newest_move([read_record(version.tags, version.address) for version in versions], alias)


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
    for line in strange_items(read_record(version.tags, version.address), version.address):
        report(line)
    model = load(f"models:/{version.address}", convention="range", tracking_uri=mlflow.get_tracking_uri())
    facts = gather(asked, gates, alias, model, _loaded(planned.before, report), texts or TextSource(None), report)
    return Examined(planned, check(asked, facts))


def _loaded(version: Version | None, report: Report) -> Model | str | None:
    """Load the version to compare with; a damaged one must not keep its successor out for ever."""
    if version is None:
        return None
    try:
        return load(f"models:/{version.address}", convention="range", tracking_uri=mlflow.get_tracking_uri())
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
    planned = _unmoved(planned)
    version, alias, before = planned.version, planned.alias, planned.before
    origin = str(before.number) if before else None
    texts = [str(outcome) for outcome in failed]
    move = Move("promoted", alias, origin, str(version.number), by or who(), _now(), reason.strip(), texts)
    steps: list[_Step] = []
    if not planned.moved:
        if alias == CHAMPION and before:  # first, so that there is a way back at any time
            steps.append(_give(PREVIOUS, before))
        steps.append(_give(alias, version))
        if alias == CHAMPION:
            steps.append(_remembered(version))
        if alias == CHAMPION and before is None and PREVIOUS in version.aliases:
            steps.append(_take(PREVIOUS, version))
    if alias == CHAMPION and CHALLENGER in version.aliases:
        steps.append(_take(CHALLENGER, version))
    # The list comes last: a version without it is not recorded yet, and the same command goes on.
    steps += [_tagged(version, move.tags()), _tagged(version, _record(version, move))]
    _run(steps, "the same command goes on from there")
    return move


def _unmoved(planned: Plan) -> Plan:
    """Plan again: gates take a while, and somebody else may have promoted or recorded in that time."""
    name, number, alias = planned.version.name, planned.version.number, planned.alias
    with store(mlflow.get_tracking_uri()):
        versions = list_versions(name)
    version = next((one for one in versions if one.number == number), None)
    if version is None:
        raise PromotionError(f"meanwhile {planned.version.address} was deleted, nothing was changed")
    now = plan(versions, version, alias)
    if (now.moved, _holds(now)) != (planned.moved, _holds(planned)):
        current = holder(versions, alias)
        found = current.address if current else "nobody"
        raise PromotionError(f"meanwhile {alias} was given to {found}, nothing was changed; promote again")
    return now


def _holds(planned: Plan) -> int | None:
    """Number of the version that has the alias."""
    found = planned.version if planned.moved else planned.before
    return found.number if found else None


def rollback(
    reason: str, *, alias: str = CHAMPION, name: str = "conflict-events", uri: str | None = None, by: str | None = None
) -> Move:
    """Give `champion` back to the version that was it before, also where the champion was deleted.

    The alias `previous` is gone afterwards: a second rollback finds nothing to go back to, rather than putting the
    version that was left in use again.

    Args:
        reason: Why.
        alias: The alias; only `champion` has a way back.
        name: Name of the registered model.
        uri: Address of the tracking store.
        by: Who; by default `who()`.

    Returns:
        What was recorded, in the tags of the version left and of the one that is in use again. Where an earlier
        rollback stopped half-way it is finished, and its move returned.

    Raises:
        TrackingError: The store cannot be used.
        PromotionError: There is no such alias or nothing to go back to, no reason is told, or MLflow failed on the
            way: the message says how far it came.
        RegistryError: There is no such registered model.
        RecordError: The record of a version was changed by hand.
    """
    check_reason(reason, needed=True)
    with store(uri):
        versions = known_versions(name)
    back = _found_back(versions, alias, name)
    origin = str(back.left.number) if back.left else None
    number = str(back.target.number)
    move = back.move or Move(ROLLED_BACK, alias, origin, number, by or who(), _now(), reason.strip())
    _run(_back_steps(back, move), "the same command goes on from there")
    return move


def _found_back(versions: Sequence[Version], alias: str, name: str) -> _Back:
    current = holder(versions, alias)
    target = _left_by_deleted(versions) if alias == CHAMPION else None
    if target is not None:
        return _Back(None, target, _back_from_deleted(target) if current else None)
    if current is None:
        raise PromotionError(f"{name} has no alias {alias!r}; {alias_hint(versions, alias)}")
    if alias != CHAMPION:
        remedy = f"give {alias} to another version with 'conflict-events promote VERSION --alias {alias}'"
        raise PromotionError(f"only {CHAMPION} has a way back; {remedy}")
    return _unfinished(versions, current) or _way_back(versions, current)


def _left_by_deleted(versions: Sequence[Version]) -> Version | None:
    """The version to go back to where the champion was deleted, or where going back from there stopped on its way."""
    current, target = holder(versions, CHAMPION), holder(versions, PREVIOUS)
    if current is None or target is None or current.number != target.number:
        return target if current is None else None
    begun = target.tags.get(_FROM) == Move(ROLLED_BACK, CHAMPION, None, "", "", "").tags()[_FROM]
    recorded = any(move.get("at") == target.tags.get(_AT) for move in read_record(target.tags, target.address))
    return target if _back_from_deleted(target) or (begun and not recorded) else None


def _back_from_deleted(target: Version) -> Move | None:
    """The newest move of a version, if it came into use again because its successor was deleted."""
    newest = newest_move([read_record(target.tags, target.address)], CHAMPION)
    if newest is None or newest["action"] != ROLLED_BACK or newest.get("from") is not None:
        return None
    return Move.from_dict(newest) if newest.get("at") == target.tags.get(_AT) else None


@dataclass(frozen=True, slots=True)
class _Back:
    """A way back: the version to leave (None where it was deleted), the one to go back to, and the move where it is
    recorded already: with the version left, or with the target where none is left."""

    left: Version | None
    target: Version
    move: Move | None = None


def _back_steps(back: _Back, move: Move) -> list[_Step]:
    left, target = back.left, back.target
    give = [] if CHAMPION in target.aliases else [_give(CHAMPION, target), _remembered(target)]
    if left is None:  # the flat tags tell that it was begun, `previous` that it is not ended
        told = [] if back.move else [_tagged(target, move.tags()), *give, _tagged(target, _record(target, move))]
        return [*told, _take(PREVIOUS, target)]
    steps = give
    if back.move is None:
        steps += [_untagged(left), _tagged(left, _record(left, move))]
    if PREVIOUS in target.aliases:
        steps.append(_take(PREVIOUS, target))
    # The list of the target comes last: without it the rollback is not finished yet, and the same command goes on.
    return [*steps, _tagged(target, move.tags()), _tagged(target, _record(target, move))]


def _way_back(versions: Sequence[Version], current: Version) -> _Back:
    target = holder(versions, PREVIOUS)
    if target is None or target.number == current.number:
        short = "no version has the alias" if target is None else f"{current.address} has the alias"
        why = f"{short} {PREVIOUS}{' too' if target else ''}"
        raise PromotionError(
            f"there is nothing to go back to from {current.address}: {why}; promote the version wanted"
        )
    return _Back(current, target)


def _unfinished(versions: Sequence[Version], current: Version) -> _Back | None:
    """Find a rollback that gave the alias back to `current` and then stopped; None where there is none."""
    previous = holder(versions, PREVIOUS)
    if previous and previous.number != current.number:
        return None  # there is a way back as ever
    newest = _newest(versions, CHAMPION)
    if newest is None:
        return None
    number = str(current.number)
    if newest.get("to") != number:  # not recorded at all; without `previous` the alias was given by hand
        left = _numbered(versions, newest.get("to"))
        return _Back(left, current) if previous and left else None
    left = _numbered(versions, newest.get("from"))
    own = newest_move([read_record(current.tags, current.address)], CHAMPION)
    if newest["action"] != ROLLED_BACK or left is None or (own and own.get("at") == newest.get("at")):
        return None
    return _Back(left, current, Move.from_dict(newest))


def _numbered(versions: Sequence[Version], number: Any) -> Version | None:
    return next((version for version in versions if str(version.number) == number), None)


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


def _remembered(version: Version) -> _Step:
    """Tag the registered model with its champion: the alias of a version that is deleted goes with it."""
    client = mlflow.MlflowClient()
    return (
        f"{CHAMPION} in the tags of {version.name}",
        lambda: client.set_registered_model_tag(version.name, CHAMPION, str(version.number)),
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


def _untagged(version: Version) -> _Step:
    """Take off what tells of the promotion of a version as if it were in use; its record keeps all of it."""
    client = mlflow.MlflowClient()

    def step() -> None:
        for key in FLAT:
            if key in version.tags:
                client.delete_model_version_tag(version.name, str(version.number), key)

    return f"{', '.join(FLAT)} off {version.address}", step


def _record(version: Version, move: Move) -> dict[str, str]:
    return {TAG: grown(read_record(version.tags, version.address), move.to_dict())}


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
    name, email = _configured("user.name"), _configured("user.email")
    if name or email:
        return f"{name} <{email}>" if name and email else name or email
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError):  # a container may run as a user that its system has no name for
        return f"unknown@{socket.gethostname()}"


def _configured(key: str) -> str:
    try:
        return git(Path.cwd(), "config", key)
    except (OSError, subprocess.CalledProcessError):  # no git here, or it does not know
        return ""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
