"""Messages on many faults: the first ones, then how many others of each kind there are."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from annotations.errors import SHOWN, Fault, messages

FAULTS = st.lists(
    st.builds(Fault, st.sampled_from(["unknown label 'A'", "unknown label 'B'", "is 3 long", "is empty"]))
)


@given(FAULTS, st.booleans())
def test_every_fault_is_told_or_counted(faults: list[Fault], every: bool) -> None:
    found = messages(faults, "see --all", every=every)
    if every or len(faults) <= SHOWN + 1:
        assert found == [str(fault) for fault in faults]
        return
    assert found[:SHOWN] == [str(fault) for fault in faults[:SHOWN]]
    total, *kinds = [int(re.match(r"\d+", line)[0]) for line in found[SHOWN:]]  # type: ignore[index]
    assert total == sum(kinds) == len(faults) - SHOWN
    assert len(kinds) == len({fault.kind for fault in faults[SHOWN:]})
    assert kinds == sorted(kinds, reverse=True)


def test_names_numbers_and_hashes_do_not_make_a_kind() -> None:
    one = Fault("its text 'a.txt' with SHA-256 0123456789abcdef01 is not in 3 folders")
    other = Fault("its text 'b.txt' with SHA-256 fedcba9876543210ff is not in 1,400 folders")
    assert one.kind == other.kind != Fault("is empty").kind
