"""Readers and inputs that nobody would write; `python -m tests.fuzz` tries more of them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.targets import TARGETS

pytestmark = pytest.mark.integration  # takes seconds


@pytest.mark.parametrize("name", TARGETS)
def test_every_input_is_read_or_refused_by_an_error_of_this_project(name: str) -> None:
    target = TARGETS[name]()

    @settings(max_examples=target.examples, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(target.inputs())
    def attempt(data: bytes) -> None:
        target.run(data)

    attempt()


@pytest.mark.parametrize("name", TARGETS)
def test_the_inputs_that_others_are_made_of_are_sound(name: str) -> None:
    target = TARGETS[name]()
    for data in [*target.seeds, *map(target.render, target.values)]:
        target.run(data)
