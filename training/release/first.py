"""The first version of a registered model becomes its champion, so that there is one; later ones are promoted."""

from __future__ import annotations

from inference.loading import CHAMPION
from training.release.promotion import Examined, plan, promote
from training.release.promotion_record import is_move, read_record
from training.store.registry import holder, list_versions

_REASON = "the first version"


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
    promote(Examined(plan(versions, version, CHAMPION), ()), reason=_REASON)
    return True
