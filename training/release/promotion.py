"""Promotion and rollback: an alias moves to another version of the registered model.

`champion` is the version in use, `previous` the champion before it, `challenger` a candidate. Only a move of
`champion` sets `previous`.
"""

from __future__ import annotations

import getpass
import re
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import mlflow

from annotations.formats.texts import TextSource
from inference.loading import CHAMPION, PREVIOUS, load
from inference.manifest import ModelError
from inference.model import Model
from training.provenance import git
from training.release.gate_checks import Outcome, check
from training.release.gate_inputs import Report, gather
from training.release.gates import load_gates
from training.release.promotion_record import FLAT, Move, grown, is_move, newest_move, read_record, strange_items
from training.release.steps import PromotionError, Steps
from training.store.registry import Version, alias_hint, find_version, holder, known_versions, list_versions, store

CHALLENGER = "challenger"
ROLLED_BACK = "rolled back"
BEGUN = "rollback_begun"  # tag of the version that a rollback goes back to, until the rollback is finished
_ALIAS = re.compile(r"(?!(?:v?\d+|latest)$)[\w-]{1,255}", re.IGNORECASE)  # MLflow reserves v3 and latest


@dataclass(frozen=True, slots=True)
class Plan:
    """A promotion to be made."""

    version: Version  # the version that gets the alias
    alias: str  # the alias
    before: Version | None  # the version that it replaces; None if there is none


def plan(versions: Sequence[Version], version: Version, alias: str) -> Plan:
    """Plan a promotion.

    Raises:
        PromotionError: The alias is reserved or malformed, or the version has it already.
        RecordError: The version's record was edited by hand; if it has the alias, also another version's record.
    """
    if not _ALIAS.fullmatch(alias) or alias == PREVIOUS:
        problem = f"{alias!r} cannot be given to a version"
        raise PromotionError(f"{problem}; use letters, digits, - and _, but no number, v3, latest or {PREVIOUS}")
    read_record(version.tags, version.address)  # a damaged record is refused before anything moves
    before = holder(versions, alias)
    if before is not None and before.number == version.number:
        # Recorded means finished. Otherwise the promotion stopped half-way, or the alias was given by hand.
        newest = newest_move([read_record(one.tags, one.address) for one in versions], alias)
        if newest and newest.get("to") == str(version.number):
            raise PromotionError(f"{version.address} is {alias} already; nothing was changed")
        before = None
    if before is None and alias == CHAMPION:  # also if the champion was deleted: then `previous` is in use
        before = holder(versions, PREVIOUS)
    return Plan(version, alias, None if before and before.number == version.number else before)


@dataclass(frozen=True, slots=True)
class Examined:
    """A planned promotion with the results of its gates."""

    plan: Plan
    outcomes: Sequence[Outcome]

    @property
    def failed(self) -> list[Outcome]:
        """The gates that failed."""
        return [outcome for outcome in self.outcomes if not outcome.passed]

    @property
    def refusal(self) -> str:
        """Why the version is not promoted if it is not forced."""
        count = f"{len(self.failed)} of {len(self.outcomes)} gates failed"
        return f"{count}, nothing was changed; use --force with a --reason to promote it anyway"


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
    """Check a version against the gates; nothing is changed.

    Args:
        word: The version: number, alias or address.
        alias: The alias it is meant to get.
        gates: A YAML file of gates, or the name of a shipped one.
        data: Gold data to use instead of the gates' own.
        name: Name of the registered model.
        uri: Address of the tracking store.
        texts: Texts of stand-off documents.
        report: Called with a line before each longer step.

    Raises:
        DataError: The gates or the data have a fault.
        TrackingError: The store cannot be used.
        RegistryError: There is no such version.
        PromotionError: As for `plan`.
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
    facts = gather(asked, gates, alias, model, _loaded(planned.before, report), texts or TextSource(), report)
    return Examined(planned, check(asked, facts))


def _loaded(version: Version | None, report: Report) -> Model | str | None:
    """Load the baseline; return its name if it is damaged, which must not block its successor for ever."""
    if version is None:
        return None
    try:
        return load(f"models:/{version.address}", convention="range", tracking_uri=mlflow.get_tracking_uri())
    except ModelError as error:
        report(str(error))
        return version.address


def promote(examined: Examined, *, reason: str = "", force: bool = False, by: str | None = None) -> Move:
    """Give the alias to the version, and record the move in the version's tags; return it.

    Args:
        examined: The promotion with its gates checked.
        reason: Why.
        force: Promote even if gates failed; they are recorded.
        by: Who; by default `who()`.

    Raises:
        PromotionError: A gate failed and `force` is not set, `force` has no reason, the alias was moved meanwhile, or
            MLflow failed: the message says which steps are done.
    """
    check_reason(reason, force)
    if examined.failed and not force:
        raise PromotionError(examined.refusal)
    versions, planned = _planned_again(examined.plan)
    version, alias, before = planned.version, planned.alias, planned.before
    failed = [str(outcome) for outcome in examined.failed]
    move = Move("promoted", alias, _number(before), str(version.number), by or who(), _now(), reason.strip(), failed)
    steps = Steps(version.name)
    if alias == CHAMPION:
        for one in versions:
            steps.untag(one, {BEGUN} & one.tags.keys())  # this promotion replaces an unfinished rollback
        if before:
            steps.give(PREVIOUS, before)  # first, so that a rollback is possible at any time
    steps.give(alias, version)
    if alias == CHAMPION:
        steps.take(CHALLENGER, version)
        if before is None:
            steps.take(PREVIOUS, version)
    steps.tag(version, move.tags())
    steps.record(version, move)  # last: a version without it is not finished, and the same command goes on
    steps.run()
    return move


def _planned_again(planned: Plan) -> tuple[list[Version], Plan]:
    """Plan again with the current versions: someone else may have promoted or recorded while the gates ran."""
    version, alias = planned.version, planned.alias
    with store(mlflow.get_tracking_uri()):
        versions = list_versions(version.name)
    current = _numbered(versions, str(version.number))
    if current is None:
        raise PromotionError(f"meanwhile {version.address} was deleted, nothing was changed")
    now = plan(versions, current, alias)
    if _number(now.before) != _number(planned.before):
        having = holder(versions, alias)
        found = having.address if having else "no version"
        raise PromotionError(f"meanwhile {alias} was given to {found}, nothing was changed; promote again")
    return versions, now


def rollback(
    reason: str, *, alias: str = CHAMPION, name: str = "conflict-events", uri: str | None = None, by: str | None = None
) -> Move:
    """Give `champion` back to the version that had it before, even if the champion was deleted.

    The alias `previous` is removed, so a second rollback is refused instead of going forward again.

    Args:
        reason: Why.
        alias: The alias; only `champion` can be rolled back.
        name: Name of the registered model.
        uri: Address of the tracking store.
        by: Who; by default `who()`.

    Returns:
        The move, recorded in the tags of both versions. If an earlier rollback stopped half-way, it is finished and
        its move is returned.

    Raises:
        TrackingError: The store cannot be used.
        PromotionError: There is no such alias, no version to go back to, or no reason, or MLflow failed: the message
            says which steps are done.
        RegistryError: There is no such registered model.
        RecordError: The record of a version was edited by hand.
    """
    check_reason(reason, needed=True)
    with store(uri):
        versions = known_versions(name)
    move = _begun(versions) if alias == CHAMPION else None
    begun = move is not None
    if move is None:
        left, target = _way_back(versions, alias, name)
        number = str(target.number)
        move = Move(ROLLED_BACK, alias, _number(left), number, by or who(), _now(), reason.strip())
    _steps_back(versions, move, begun).run()
    return move


def _begun(versions: Sequence[Version]) -> Move | None:
    """The rollback that stopped half-way; None if there is none, or if `champion` was moved since."""
    champion = _number(holder(versions, CHAMPION))
    for version in versions:
        for item in filter(is_move, read_record(version.tags, version.address, BEGUN)):
            move = Move.from_dict(item)
            if move.target == str(version.number) and champion in (None, move.origin, move.target):
                return move
    return None


def _way_back(versions: Sequence[Version], alias: str, name: str) -> tuple[Version | None, Version]:
    """The champion (None if it was deleted) and the version before it."""
    current, target = holder(versions, alias), holder(versions, PREVIOUS)
    if current is None and (alias != CHAMPION or target is None):
        raise PromotionError(f"{name} has no alias {alias!r}; {alias_hint(versions, alias)}")
    if alias != CHAMPION:
        remedy = f"give {alias} to another version with 'conflict-events promote VERSION --alias {alias}'"
        raise PromotionError(f"only {CHAMPION} can be rolled back; {remedy}")
    if target is None or (current and target.number == current.number):
        where = f"{name}/{_number(current)}"
        why = f"{where} has the alias {PREVIOUS} too" if target else f"no version has the alias {PREVIOUS}"
        raise PromotionError(f"there is nothing to go back to from {where}: {why}; promote the version wanted")
    return current, target


def _steps_back(versions: Sequence[Version], move: Move, begun: bool) -> Steps:
    left, target = _numbered(versions, move.origin), _numbered(versions, move.target)
    assert target is not None  # noqa: S101 - it has a tag or an alias
    steps = Steps(target.name)
    if not begun:
        steps.tag(target, {BEGUN: grown([], move.to_dict())})
    steps.give(CHAMPION, target)
    if left is not None:
        steps.untag(left, [key for key in FLAT if key in left.tags])
        steps.record(left, move)
    steps.take(PREVIOUS, target)
    steps.tag(target, move.tags())
    steps.record(target, move)
    steps.untag(target, [BEGUN])
    return steps


def _number(version: Version | None) -> str | None:
    return str(version.number) if version else None


def _numbered(versions: Sequence[Version], number: str | None) -> Version | None:
    return next((version for version in versions if str(version.number) == number), None)


def check_reason(reason: str, needed: bool) -> None:
    """Refuse to force a promotion, or to roll back, without a reason.

    Raises:
        PromotionError: A reason is needed, and it is empty or blank.
    """
    if needed and not reason.strip():
        raise PromotionError("say why with --reason; it is recorded with the version")


def who() -> str:
    """Return the user: name and address from git's config, else the user of the machine."""
    name, email = _configured("user.name"), _configured("user.email")
    if name or email:
        return f"{name} <{email}>" if name and email else name or email
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError):  # in a container the user may have no name
        return f"unknown@{socket.gethostname()}"


def _configured(key: str) -> str:
    try:
        return git(Path.cwd(), "config", key)
    except (OSError, subprocess.CalledProcessError):  # no git, or no such key
        return ""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def first_champion(name: str, number: str) -> bool:
    """Make the first version of a registered model its champion; every later one has to be promoted.

    Returns:
        Whether it is the first version, and champion now. If the move stopped half-way, it is finished.

    Raises:
        PromotionError: MLflow failed.
    """
    versions = list_versions(name)
    version = next((one for one in versions if str(one.number) == number), None)
    if number != "1" or version is None or holder(versions, CHAMPION) not in (None, version):
        return False
    moved = [is_move(item) for item in read_record(version.tags, version.address)]
    if CHAMPION in version.aliases and any(moved):
        return True
    promote(Examined(plan(versions, version, CHAMPION), ()), reason="the first version")
    return True
