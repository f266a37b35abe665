"""Resampling: intervals, p-values, their correction, and how often they err where there is nothing to find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.counts import Counts, Measure, Tally
from training.evaluation.estimates import Difference, corrected, difference, differences, estimates
from training.evaluation.resampling import FEWEST, draws, holm, interval, p_value, swaps

F1 = Measure("f1", ("spans",))
_BATCH = 100


def tallied(*rows: tuple[float, float, float]) -> Tally:
    """A tally of one row: matched, predicted, gold of each document."""
    return Tally(("spans",), np.array(rows, dtype=float)[:, None, :])


def random_tally(seed: int, documents: int = 30) -> Tally:
    random = np.random.default_rng(seed)
    gold = random.integers(1, 9, documents)
    return Tally(("spans",), np.stack([random.binomial(gold, 0.6), gold, gold], axis=-1)[:, None, :].astype(float))


# --- draws, intervals -------------------------------------------------------------------------------------------------


def test_draws_are_whole_numbers_that_sum_to_the_documents_and_spread_as_multinomial_ones() -> None:
    drawn = draws(20, resamples=20_000)
    assert drawn.shape == (20_000, 20)
    assert (drawn.sum(axis=1) == 20).all()
    assert (drawn >= 0).all()
    assert (drawn == drawn.round()).all()
    assert drawn.mean(axis=0) == pytest.approx(np.ones(20), abs=0.04)
    covariance = np.cov(drawn.T)
    assert np.diag(covariance) == pytest.approx(np.full(20, 1 - 1 / 20), abs=0.06)
    assert covariance[~np.eye(20, dtype=bool)] == pytest.approx(np.full(380, -1 / 20), abs=0.04)


def test_one_seed_gives_one_result_and_another_gives_another() -> None:
    assert (draws(9, 50, seed=3) == draws(9, 50, seed=3)).all()
    assert (draws(9, 50, seed=3) != draws(9, 50, seed=4)).any()
    assert (swaps(9, 50, seed=3) == swaps(9, 50, seed=3)).all()
    assert (swaps(9, 50, seed=3) != swaps(9, 50, seed=4)).any()


def test_the_interval_of_a_mean_is_close_to_the_one_in_theory() -> None:
    values = np.random.default_rng(5).normal(3.0, 2.0, 400)
    found = interval(draws(400) @ values / 400)
    assert found is not None
    half = 1.96 * values.std() / np.sqrt(400)
    assert found == pytest.approx((values.mean() - half, values.mean() + half), abs=0.08 * half)


def test_a_lower_level_gives_the_interval_inside() -> None:
    values = np.arange(1001, dtype=np.float64)
    assert interval(values, 0.9) == pytest.approx((50, 950))
    assert interval(values) == pytest.approx((25, 975))


def test_resamples_that_are_undefined_are_left_out_unless_they_are_over_half() -> None:
    nan = float("nan")
    assert interval(np.array([nan, nan, nan, 1.0])) is None
    assert interval(np.array([nan, nan, 1.0, 1.0])) == (1.0, 1.0)
    assert interval(np.full(4, nan)) is None


# --- p-values, correction ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_the_sampled_p_value_is_close_to_that_of_all_exchanges(seed: int) -> None:
    first, second = random_tally(seed, 6), random_tally(seed + 100, 6)
    second = Tally(second.rows, np.concatenate([second.counts[..., :2], first.counts[..., 2:]], axis=-1))

    def gap(exchanged: Sequence[int]) -> float:
        one, two = first.counts.copy(), second.counts.copy()
        chosen = np.array(exchanged, dtype=bool)
        one[chosen], two[chosen] = second.counts[chosen], first.counts[chosen]
        sums = [counts.sum(axis=0)[0] for counts in (one, two)]
        return float(2 * sums[1][0] / sums[1][1:].sum() - 2 * sums[0][0] / sums[0][1:].sum())

    observed = gap([0] * 6)
    exact = np.mean([abs(gap(exchanged)) >= abs(observed) - 1e-12 for exchanged in product((0, 1), repeat=6)])
    sampled = difference(first, second, F1).p
    assert sampled == pytest.approx(exact, abs=0.03)
    assert 0 < exact <= 1


def test_the_observed_exchange_counts_so_that_no_p_value_is_zero() -> None:
    assert p_value(5.0, np.zeros(99)) == pytest.approx(1 / 100)
    assert p_value(-5.0, np.array([5.0, -6.0, 4.0])) == pytest.approx(3 / 4)
    assert p_value(0.0, np.array([0.1, -0.1])) == 1.0
    assert p_value(0.3, np.array([float("nan"), 0.2])) == pytest.approx(1 / 2)


def test_holm_is_the_one_computed_by_hand() -> None:
    assert holm([0.01, 0.02, 0.03, 0.005]) == pytest.approx([0.03, 0.04, 0.04, 0.02])
    assert holm([0.6, 0.5]) == pytest.approx([1.0, 1.0])
    assert holm([0.04]) == [0.04]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=6))
def test_holm_is_the_closed_test_of_bonferroni_and_never_below_the_raw_p_value(values: list[float]) -> None:
    adjusted = holm(values)
    for one, raw in enumerate(values):
        sets = [s for size in range(1, len(values) + 1) for s in combinations(range(len(values)), size) if one in s]
        # A hypothesis is kept while any set of hypotheses with it is kept (Marcus, Peritz, Gabriel 1976).
        assert adjusted[one] == pytest.approx(max(min(1.0, len(s) * min(values[i] for i in s)) for s in sets))
        assert adjusted[one] >= raw
    order = sorted(range(len(values)), key=lambda i: values[i])
    assert all(adjusted[a] <= adjusted[b] for a, b in pairwise(order))


# --- estimates and differences ----------------------------------------------------------------------------------------


def test_an_estimate_is_the_same_each_time_and_whatever_else_is_asked() -> None:
    tally = random_tally(1)
    other = Measure("again", ("spans",), macro=True)
    alone = estimates(tally, {"f1": F1})["f1"]
    assert estimates(tally, {"other": other, "f1": F1})["f1"] == alone
    assert alone.bounds is not None
    assert alone.bounds[0] < alone.value < alone.bounds[1]
    assert alone.documents == 30


def test_differences_together_are_those_one_by_one() -> None:
    first, second = random_tally(1), random_tally(2)
    names = {"a": F1, "b": Measure("macro", ("spans",), macro=True)}
    together = differences(first, second, names)
    assert together == [difference(first, second, measure, name) for name, measure in names.items()]
    assert together[0].p == together[0].adjusted


def test_exchanging_the_versions_turns_the_difference_round() -> None:
    one, other = (
        difference(a, b, F1) for a, b in [(random_tally(1), random_tally(2)), (random_tally(2), random_tally(1))]
    )
    assert one.bounds is not None
    assert other.bounds == pytest.approx((-one.bounds[1], -one.bounds[0]))
    assert one.p == pytest.approx(other.p)
    assert one.value == pytest.approx(-other.value)


def test_a_version_against_itself_is_no_evidence() -> None:
    same = corrected([difference(random_tally(1), random_tally(1), F1)])[0]
    assert (same.value, same.bounds, same.p, same.verdict) == (0, (0, 0), 1.0, "no evidence")


def test_fewer_than_five_documents_have_neither_interval_nor_p_value() -> None:
    few, enough = random_tally(1, FEWEST - 1), random_tally(1, FEWEST)
    assert estimates(few, {"f1": F1})["f1"].bounds is None
    assert estimates(enough, {"f1": F1})["f1"].bounds is not None
    one = corrected([difference(few, few, F1)])[0]
    assert (one.bounds, one.p, one.adjusted, one.verdict) == (None, None, None, "no evidence")
    assert one.to_dict()["low"] is one.to_dict()["p"] is None


def test_documents_with_nothing_to_count_do_not_make_up_for_the_fewest() -> None:
    one = estimates(tallied((1, 1, 1), (1, 1, 1), *[(0, 0, 0)] * 30), {"f1": F1})["f1"]
    assert one.bounds is None


def test_nothing_gold_and_nothing_predicted_is_undefined_and_written_as_null() -> None:
    nothing = tallied(*[(0, 0, 0)] * 8)
    written = estimates(nothing, {"f1": F1})["f1"].to_dict()
    assert (written["f1"], written["low"], written["high"]) == (None, None, None)
    found = corrected([difference(nothing, random_tally(1, 8), F1)])[0]
    assert (found.bounds, found.p, found.adjusted) == (None, None, None)
    assert found.to_dict()["difference"] is None


@pytest.mark.parametrize(
    ("bounds", "adjusted", "verdict"),
    [
        ((0.01, 0.05), 0.049, "better"),
        ((-0.05, -0.01), 0.049, "worse"),
        ((0.01, 0.05), 0.05, "no evidence"),
        ((0.0, 0.05), 0.001, "no evidence"),
        ((-0.05, 0.0), 0.001, "no evidence"),
        ((-0.01, 0.05), 0.001, "no evidence"),
        (None, 0.001, "no evidence"),
        ((0.01, 0.05), None, "no evidence"),
    ],
)
def test_a_verdict_needs_both_interval_and_p_value(
    bounds: tuple[float, float] | None, adjusted: float | None, verdict: str
) -> None:
    assert Difference("f1", 0.5, 0.6, bounds, 0.001, adjusted, 30, 90).verdict == verdict


def test_correction_is_over_the_tests_that_were_made() -> None:
    made = [Difference(str(p), 0.5, 0.6, (0.01, 0.2), p, p, 30, 90) for p in (0.01, 0.04, None, 0.03)]
    found = corrected(made)
    assert [one.adjusted for one in found] == [pytest.approx(0.03), pytest.approx(0.06), None, pytest.approx(0.06)]
    assert [one.p for one in found] == [0.01, 0.04, None, 0.03]
    assert corrected(found) == found


# --- simulation -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """A kind of test data: how many documents, whether a few hold most of the spans, and what the second version is
    better by (log odds of finding a span)."""

    documents: int
    heavy: bool = False
    gain: float = 0.0

    def pairs(self, number: int, seed: int) -> Counts:
        """Draw counts of shape (pairs, documents, versions, 3).

        A document is as hard for one version as for the other, and each errs on its own besides: with no gain the two
        are exchangeable, so that the true difference is exactly 0.
        """
        random = np.random.default_rng(seed)
        shape = (number, self.documents)
        if self.heavy:
            gold = np.minimum(1 + 4 * random.pareto(1.5, shape), 400).astype(int)
        else:
            gold = random.negative_binomial(1.5, 1.5 / 13.5, shape)  # twelve a document; a few have none
        ease = random.normal(1.0, 0.7, shape)
        sides = []
        for gain in (0.0, self.gain):
            chance = 1 / (1 + np.exp(-(ease + gain + random.normal(0, 0.3, shape))))
            overlapping = random.binomial(gold, chance)
            exact = random.binomial(overlapping, 0.8)
            spurious = random.poisson(0.3 + 0.25 * gold * np.exp(-0.5 * ease - gain))
            sides.append(np.stack([(exact + overlapping) / 2, overlapping + spurious, gold], axis=-1))
        return np.stack(sides, axis=2).astype(float)


@dataclass(frozen=True)
class Rates:
    """Of simulated pairs the share with an interval that leaves out 0, with p below 0.05, and with a verdict; and the
    mean difference of F1."""

    intervals: float
    tests: float
    verdicts: float
    mean: float

    def __str__(self) -> str:
        shares = f"intervals {self.intervals:.2%}, p-values {self.tests:.2%}, verdicts {self.verdicts:.2%}"
        return f"{shares}, mean difference {self.mean:+.4f}"


def compared(pairs: Counts) -> list[Difference]:
    """Compare many pairs at once, with the resamples that `difference` draws.

    `difference` takes each pair through its own matrix products; here a product serves all of them.
    """
    number, documents = pairs.shape[:2]
    across = np.moveaxis(pairs, 1, 0)
    plain, sums = pairs.sum(axis=1), _weighted(draws(documents), across)
    moved = _weighted(swaps(documents), across[:, :, 1] - across[:, :, 0])
    resampled = _f1(sums[:, :, 1]) - _f1(sums[:, :, 0])
    shuffled = _f1(plain[:, 1] - moved) - _f1(plain[:, 0] + moved)
    found = []
    for i in range(number):
        first, second = (float(value) for value in _f1(plain[i]))
        p = p_value(second - first, shuffled[:, i])
        gold = int(plain[i, 0, 2])
        found.append(Difference("f1", first, second, interval(resampled[:, i]), p, p, documents, gold))
    return found


def _weighted(weights: Counts, across: Counts) -> Counts:
    return np.asarray((weights @ across.reshape(len(across), -1)).reshape(len(weights), *across.shape[1:]))


def _f1(counts: Counts) -> Counts:
    return np.asarray(2 * counts[..., 0] / (counts[..., 1] + counts[..., 2]))


def simulated(setting: Setting, pairs: int) -> Rates:
    found = [one for seed in range(pairs // _BATCH) for one in compared(setting.pairs(_BATCH, seed))]
    assert len(found) == pairs
    outside = [one.bounds is not None and not one.bounds[0] <= 0 <= one.bounds[1] for one in found]
    return Rates(
        float(np.mean(outside)),
        float(np.mean([one.p is not None and one.p < 0.05 for one in found])),
        float(np.mean([one.verdict != "no evidence" for one in found])),
        float(np.mean([one.value for one in found])),
    )


@pytest.mark.parametrize("setting", [Setting(116), Setting(40, heavy=True), Setting(116, gain=0.3)])
def test_pairs_compared_at_once_have_the_numbers_of_difference(setting: Setting) -> None:
    pairs = setting.pairs(4, seed=7)
    for pair, found in zip(pairs, compared(pairs), strict=True):
        first, second = (Tally(("spans",), pair[:, side, None, :]) for side in (0, 1))
        alone = difference(first, second, F1)
        assert found.bounds == pytest.approx(alone.bounds, abs=1e-12)
        assert found.p == alone.p
        assert found.value == pytest.approx(alone.value)
        assert found.verdict == alone.verdict


def test_simulated_versions_do_well_on_the_same_documents() -> None:
    counts = Setting(116).pairs(20, seed=1).reshape(-1, 2, 3)
    found = _f1(counts[(counts[:, :, 1:].sum(axis=2) > 0).all(axis=1)])
    assert 0.2 < np.corrcoef(found.T)[0, 1] < 0.8


@pytest.mark.integration  # takes seconds
def test_under_no_difference_comparisons_err_at_their_nominal_rate() -> None:
    rates = simulated(Setting(116), 3_000)
    assert rates.mean == pytest.approx(0, abs=0.001), rates
    assert 0.035 < rates.intervals < 0.065, rates
    assert 0.035 < rates.tests < 0.065, rates
    assert rates.verdicts <= min(rates.intervals, rates.tests), rates
    assert rates.verdicts < 0.06, rates


@pytest.mark.integration  # takes seconds
def test_with_few_and_uneven_documents_intervals_err_a_little_more_and_verdicts_do_not() -> None:
    rates = simulated(Setting(40, heavy=True), 3_000)
    assert rates.mean == pytest.approx(0, abs=0.003), rates
    assert 0.035 < rates.intervals < 0.095, rates  # percentile intervals of few documents are known to be short
    assert 0.035 < rates.tests < 0.065, rates
    assert rates.verdicts < 0.06, rates


def test_a_difference_of_five_points_is_found_in_most_pairs() -> None:
    rates = simulated(Setting(116, gain=0.32), 500)
    assert rates.mean == pytest.approx(0.05, abs=0.005), rates
    assert rates.verdicts > 0.8, rates
