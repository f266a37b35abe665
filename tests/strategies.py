"""Strategies that tests of several formats share."""

from __future__ import annotations

from hypothesis import strategies as st

from annotations import load_schema
from annotations.quantity import MOST, Toll

_BOUNDS = st.none() | st.integers(0, 300) | st.integers(0, MOST)

TOLLS = st.dictionaries(
    st.sampled_from(list(load_schema().labels["TOLL"].types)),
    st.builds(Toll, _BOUNDS, _BOUNDS, st.booleans()).filter(
        lambda toll: toll.min is None or toll.max is None or toll.min <= toll.max
    ),
)
