"""What an evaluation counts, document by document: spans, events, their alignment, calibration, errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import Document, Event, Span, load_schema
from annotations.coverage import exhaustive
from annotations.formats.inline import parse
from inference.events.linking import read_tolls
from inference.numbers.toll import Toll
from inference.prediction import Participant, PredictedEvent, PredictedSpan, Prediction
from training.evaluation.alignment import Attack, Offsets, align
from training.evaluation.calibration import Calibration, calibration
from training.evaluation.counts import Measure, Tally
from training.evaluation.errors import ERRORS, changed, errors
from training.evaluation.evaluate import Evaluation
from training.evaluation.events import event_measures, event_rows, event_tally, has_events, toll_errors
from training.evaluation.scores import MATCHES, Score, score_documents, score_spans
from training.evaluation.spans import span_measures, span_tally

SCHEMA = load_schema()
TEXT = "4 " * 30  # thirty words, each of which a toll can be read from
Row = tuple[float, float, float]


def marked(text: str, events: str = "", **meta: object) -> Document:
    """A document in inline markup."""
    document = parse(f"id: d1\n---\n{text}\n---\n{events}\n", SCHEMA)
    return replace(document, meta=meta)


def guess(document: Document, scores: Mapping[str, float] | None = None) -> Prediction:
    """A prediction that says what a document says; scores by span id, 0.9 where none is given."""
    known = scores or {}
    by_id = {span.id: span for span in document.spans}
    spans = [
        PredictedSpan(s.id, s.start, s.end, document.mention(s), s.label, s.type, known.get(s.id, 0.9))
        for s in document.spans
    ]

    def named(ids: Sequence[str]) -> tuple[Participant, ...]:
        return tuple(Participant(document.mention(by_id[key]), (key,)) for key in ids)

    events = [
        PredictedEvent(
            event.id,
            event.attack_type,
            0.9,
            event.roles["triggers"],
            participants={role: named(event.roles[role]) for role in ("perpetrators", "victims")},
            toll=read_tolls(document.text, [by_id[key] for key in event.roles["tolls"]], SCHEMA),
            mentions={role: event.roles[role] for role in ("weapons", "targets", "locations", "dates")},
            flags=event.flags,
        )
        for event in document.events
    ]
    return Prediction(document.text, spans, events, "tiny", 1, SCHEMA)


def evaluated(*pairs: tuple[Document, Document], model: str = "tiny") -> Evaluation:
    """Documents and what was predicted for each."""
    documents = [replace(gold, id=f"d{number}") for number, (gold, _) in enumerate(pairs)]
    return Evaluation(model, documents, [guess(found) for _, found in pairs], SCHEMA)


def counted(gold: Document, found: Document) -> dict[str, Row]:
    """The rows of an event tally that are not all zero: matched, predicted, gold."""
    tally = event_tally([gold], [guess(found)], SCHEMA)
    rows = zip(tally.rows, tally.counts[0].tolist(), strict=True)
    return {name.removeprefix("event/"): tuple(row) for name, row in rows if any(row)}


@st.composite
def layouts(draw: st.DrawFn, text: str = TEXT) -> Document:
    """A document of one-digit words with spans of any class that do not overlap, in events or in none."""
    spans: list[Span] = []
    at = 0
    for gap, length, (label, kind) in draw(
        st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.sampled_from(SCHEMA.classes)), max_size=9)
    ):
        start = at + gap
        at = start + length
        if 2 * at <= len(text):
            spans.append(Span(f"S{len(spans) + 1}", 2 * start, 2 * at - 1, label, kind))
    homes = [draw(st.integers(0, 3)) for _ in spans]  # 0 is none
    return Document("d1", text, spans, _events(spans, homes))


def _events(spans: Sequence[Span], homes: Sequence[int]) -> list[Event]:
    """Events with a trigger, of its type, and at most one figure of a kind."""
    made = []
    for home in (1, 2, 3):
        roles: dict[str, list[str]] = {}
        kinds: set[str | None] = set()
        for span, own in zip(spans, homes, strict=True):
            if own == home and not (span.label == SCHEMA.quantity and span.type in kinds):
                kinds.add(span.type)
                roles.setdefault(SCHEMA.role(span.label), []).append(span.id)
        triggers = [span for span in spans if span.id in roles.get("triggers", ())]
        if triggers:
            made.append(Event(f"E{home}", str(triggers[0].type), {r: tuple(ids) for r, ids in roles.items()}))
    return made


COVERAGES = st.dictionaries(st.sampled_from(list(SCHEMA.labels)), st.sampled_from(["all", "some"]), max_size=3)
PAIRS = st.lists(st.tuples(layouts(), layouts(), COVERAGES), min_size=1, max_size=4)
Pairs = list[tuple[Document, Document, dict[str, str]]]


def mixed(pairs: Pairs) -> Evaluation:
    """An evaluation of drawn documents, some of them annotated in part."""
    return evaluated(*((replace(gold, meta={"coverage": stated}), found) for gold, found, stated in pairs))


# --- events by hand ---------------------------------------------------------------------------------------------------

GOLD = marked(
    "{Gunmen|PERPETRATOR|E1} {shot|ATTACK|E1} {four|TOLL:killed|E1} {farmers|VICTIM|E1} and wounded "
    "{two|TOLL:injured|E1} in {Gao|LOCATION|E1}. A {bomb|WEAPON|E2} {exploded|ATTACK|E2} in {Ndoro|LOCATION|E2}.",
    "E1: armed_assault; claimed\nE2: bombing; suicide; stage=attempted",
)
FOUND = marked(
    "{Gunmen|PERPETRATOR|E2} {shot|ATTACK|E2} {four|TOLL:killed|E2} {farmers|TARGET|E2} and {wounded|ATTACK|E3} "
    "{two|TOLL:killed|E3} in {Gao|LOCATION|E2}. A bomb {exploded|ATTACK|E1} in {Ndoro|LOCATION|E1}.",
    "E1: bombing; suicide; claimed\nE2: armed_clash; claimed\nE3: abduction",
)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("detection", (2, 3, 2)),
        ("classification", (1, 3, 2)),  # the shooting is taken for a clash
        ("ceaf", (2, 3, 2)),
        ("argument_identification", (5, 6, 7)),  # Gunmen, four, farmers, Gao, Ndoro
        ("argument_classification", (4, 6, 7)),  # the farmers are no target
        ("toll", (1, 2, 2)),
        ("flag", (2, 3, 3)),
        ("type:armed_assault", (0, 0, 1)),
        ("type:armed_clash", (0, 1, 0)),
        ("type:bombing", (1, 1, 1)),
        ("type:abduction", (0, 1, 0)),
        ("type:hijacking", (0, 0, 0)),
        ("toll:killed", (1, 2, 1)),
        ("toll:injured", (0, 0, 1)),
        ("toll:displaced", (0, 0, 0)),
        ("role:perpetrators", (1, 1, 1)),
        ("role:victims", (0, 0, 1)),
        ("role:targets", (0, 1, 0)),
        ("role:tolls", (1, 2, 2)),
        ("role:locations", (2, 2, 2)),
        ("role:weapons", (0, 0, 1)),
        ("role:dates", (0, 0, 0)),
    ],
)
def test_each_row_of_the_event_tally_counts_what_its_table_says(row: str, expected: Row) -> None:
    tally = event_tally([GOLD], [guess(FOUND)], SCHEMA)
    assert tally.score(f"event/{row}") == Score(expected[0], int(expected[1]), int(expected[2]))


def test_every_row_of_events_has_a_measure_and_macro_is_the_mean_of_attack_types_that_occur() -> None:
    tally = event_tally([GOLD], [guess(FOUND)], SCHEMA)
    values = {m.name: float(m.value(tally, tally.totals())) for m in event_measures(SCHEMA)}
    assert {name for name in values if "macro" not in name} == {row.replace("/", "_") for row in event_rows(SCHEMA)}
    assert values["event_type_macro"] == pytest.approx((0 + 0 + 1 + 0) / 4)
    assert values["event_argument_identification"] == pytest.approx(2 * 5 / 13)
    assert np.isnan(values["event_type:hijacking"])


def test_attacks_predicted_where_there_are_none_are_wrong_and_silence_counts_nothing() -> None:
    calm = marked("The striker shot twice in Gao.")
    wrong = marked("The striker {shot|ATTACK|E1} twice in {Gao|LOCATION|E1}.", "E1: armed_assault")
    assert counted(calm, calm) == {}
    assert counted(calm, wrong) == {
        **dict.fromkeys(("detection", "classification", "ceaf", "type:armed_assault"), (0, 1, 0)),
        **dict.fromkeys(("argument_identification", "argument_classification", "role:locations"), (0, 1, 0)),
    }


def test_one_event_over_two_gold_ones_is_aligned_with_one_of_them() -> None:
    gold = marked("{Shot|ATTACK|E1} in {Gao|LOCATION|E1}, {shot|ATTACK|E2} in {Tov|LOCATION|E2}.",
                  "E1: armed_assault\nE2: armed_assault")  # fmt: skip
    found = marked("{Shot|ATTACK|E1} in Gao, {shot|ATTACK|E1} in {Tov|LOCATION|E1}.", "E1: armed_assault")
    rows = counted(gold, found)
    assert rows["detection"] == (1, 1, 2)
    assert rows["ceaf"] == pytest.approx((2 / 3, 1, 2))  # two triggers against one, one of them shared
    assert rows["argument_classification"] == (1, 1, 2)  # arguments say which of the two it is


def test_triggers_that_overlap_are_the_same_and_arguments_are_not() -> None:
    gold = marked("They {opened fire|ATTACK|E1} in {northern Gao|LOCATION|E1}.", "E1: armed_assault")
    found = marked("They opened {fire|ATTACK|E1} in northern {Gao|LOCATION|E1}.", "E1: armed_assault")
    rows = counted(gold, found)
    assert rows["ceaf"] == rows["classification"] == (1, 1, 1)
    assert rows["argument_identification"] == rows["role:locations"] == (0, 1, 1)


def test_an_event_far_from_every_gold_one_is_not_aligned() -> None:
    gold = marked("They {fired|ATTACK|E1} in {Gao|LOCATION|E1} and left.", "E1: armed_assault; claimed")
    found = marked("They fired in {Gao|LOCATION|E1} and {left|ATTACK|E1}.", "E1: armed_assault; claimed")
    rows = counted(gold, found)
    assert all(row == (0, 1, 1) for row in rows.values())
    assert set(rows) == {
        "detection", "classification", "ceaf", "argument_identification", "argument_classification", "flag",
        "type:armed_assault", "role:locations",
    }  # fmt: skip


def test_tolls_match_by_number_not_by_words() -> None:
    gold = marked("{Shot|ATTACK|E1}: {a dozen|TOLL:killed|E1}, {more than 4|TOLL:injured|E1}, or 12.", "E1: bombing")
    found = marked("{Shot|ATTACK|E1}: a dozen, more than {4|TOLL:injured|E1}, or {12|TOLL:killed|E1}.", "E1: bombing")
    rows = counted(gold, found)
    assert (rows["toll"], rows["toll:killed"], rows["toll:injured"]) == ((1, 2, 2), (1, 1, 1), (0, 1, 1))
    assert rows["role:tolls"] == (0, 2, 2)


def test_events_without_triggers_are_compared_by_their_arguments() -> None:
    gold = marked("{Rebels|PERPETRATOR|E1} struck {Gao|LOCATION|E1}, then {Tov|LOCATION|E2}.",
                  "E1: bombing\nE2: shelling")  # fmt: skip
    found = marked("{Rebels|PERPETRATOR|E2} {struck|ATTACK|E2} {Gao|LOCATION|E2}, {then|ATTACK|E1} {Tov|LOCATION|E1}.",
                   "E1: shelling\nE2: bombing")  # fmt: skip
    rows = counted(gold, found)
    assert rows["classification"] == rows["ceaf"] == (2, 2, 2)
    assert rows["argument_classification"] == (3, 3, 3)


@pytest.mark.parametrize(
    ("document", "scored"),
    [
        (marked("{Shot|ATTACK|E1}.", "E1: bombing"), True),
        (marked("Quiet."), True),
        (marked("{Shot|ATTACK:bombing}."), False),  # marked, but not put into events
        (marked("{Shot|ATTACK|E1}.", "E1: bombing", coverage={"ATTACK": "some"}), False),
        (marked("Quiet.", coverage={"ATTACK": "none"}), False),
        (marked("{Gao|LOCATION|E1}.", "E1: bombing"), True),
    ],
)
def test_events_count_only_where_triggers_are_all_marked_and_grouped(document: Document, scored: bool) -> None:
    wrong = guess(replace(marked("{S|ATTACK|E1}", "E1: bombing"), text=document.text))
    assert has_events(document, SCHEMA) is scored
    tally = event_tally([document], [wrong], SCHEMA)
    assert (tally.score("event/detection").predicted == 1) is scored
    assert bool(tally.counts.any()) is scored


def test_arguments_of_a_label_that_is_not_annotated_exhaustively_count_on_neither_side() -> None:
    rows = counted(replace(GOLD, meta={"coverage": {"TOLL": "some", "LOCATION": "none"}}), FOUND)
    assert not {"toll", "toll:killed", "toll:injured", "role:tolls", "role:locations"} & set(rows)
    assert rows["argument_identification"] == (2, 2, 3)  # Gunmen, farmers; the bomb is missed
    assert rows["argument_classification"] == (1, 2, 3)
    assert rows["detection"] == (2, 3, 2)
    assert toll_errors(replace(GOLD, meta={"coverage": {"TOLL": "some"}}), guess(FOUND), SCHEMA) == []


def test_toll_errors_name_wrong_missing_and_invented_numbers() -> None:
    found = {(e.event, e.kind): (e.gold, e.predicted) for e in toll_errors(GOLD, guess(FOUND), SCHEMA)}
    assert found == {("E1", "injured"): (Toll(2, 2), None), ("E3", "killed"): (None, Toll(2, 2))}


def test_figures_that_only_repeat_a_toll_do_not_lower_a_perfect_prediction() -> None:
    gold = marked("{Shot|ATTACK|E1}: {11|TOLL:killed|E1} dead, including {three|TOLL:killed|E1} boys.", "E1: bombing")
    one = evaluated((gold, gold))
    assert one.f1("event_toll") == 1
    assert one.f1("event_role:tolls") == one.f1("event_argument_classification") == 1


def test_of_two_events_with_one_trigger_the_type_tells_which_is_found() -> None:
    gold = marked("The {attacks|ATTACK|E1,E2}.", "E1: bombing\nE2: shelling")
    found = marked("The {attacks|ATTACK|E1}.", "E1: shelling")
    assert counted(gold, found)["classification"] == (1, 1, 2)


# --- alignment --------------------------------------------------------------------------------------------------------

PLACES = st.frozensets(st.integers(0, 7).map(lambda n: (2 * n, 2 * n + 1)), max_size=3)
ATTACKS = st.lists(
    st.builds(
        lambda triggers, places: Attack("E", "bombing", triggers, places, {}, frozenset()),
        PLACES,
        PLACES.map(lambda places: frozenset((place, "dates") for place in places)),
    ),
    max_size=4,
)  # fmt: skip


def _dice(some: frozenset[Offsets], others: frozenset[Offsets]) -> float:
    return 2 * len(some & others) / (len(some) + len(others)) if some and others else 0.0


def _likeness(gold: Attack, predicted: Attack) -> float:
    if gold.triggers:
        return _dice(gold.triggers, predicted.triggers)
    return _dice(frozenset(p for p, _ in gold.arguments), frozenset(p for p, _ in predicted.arguments))


@given(ATTACKS, ATTACKS)
def test_events_are_aligned_one_to_one_with_the_largest_sum_of_all_permutations(
    gold: list[Attack], predicted: list[Attack]
) -> None:
    found = align(gold, predicted)
    size = max(len(gold), len(predicted))
    padded = [*predicted, *[None] * (size - len(predicted))]
    best = max(
        sum(_likeness(a, b) for a, b in zip(gold, order, strict=False) if b is not None)
        for order in permutations(padded)
    )
    assert sum(similarity for *_, similarity in found) == pytest.approx(best)
    assert len({i for i, *_ in found}) == len({j for _, j, _ in found}) == len(found)
    for i, j, similarity in found:
        assert similarity > 0
        assert similarity == pytest.approx(_likeness(gold[i], predicted[j]))


def test_arguments_tell_swapped_events_with_the_same_trigger_apart() -> None:
    trigger = frozenset({(0, 5)})
    one, two = (
        Attack(name, "bombing", trigger, frozenset({(offsets, "locations")}), {}, frozenset())
        for name, offsets in (("E1", (10, 13)), ("E2", (20, 23)))
    )
    assert align([one, two], [two, one]) == [(0, 1, 1.0), (1, 0, 1.0)]


# --- tallies ----------------------------------------------------------------------------------------------------------


def test_spans_by_label_and_by_type_are_counted_by_hand() -> None:
    gold = marked("{12|TOLL:killed} and {5|TOLL:injured} in {northern Gao|LOCATION}, {two days ago|DATE}.")
    found = marked("{12|TOLL:killed} and {5|TOLL:killed} in northern {Gao|LOCATION}, two {days|DATE} {ago|DATE}.")
    tally = span_tally([gold], [guess(found).spans], SCHEMA)
    table = {
        match: [tally.score(f"{match}/{row}").matched for row in ("TOLL", "LOCATION", "DATE")] for match in MATCHES
    }
    assert table == {"strict": [1, 0, 0], "untyped": [2, 0, 0], "partial": [2, 0.5, 0.5], "overlap": [2, 1, 1]}
    assert tally.score("untyped/TOLL:killed") == tally.score("strict/TOLL:killed") == Score(1, 2, 1)
    assert tally.score("overlap/TOLL:injured") == Score(0, 0, 1)
    assert tally.score("partial/DATE") == Score(0.5, 2, 1)


@given(PAIRS)
def test_tallies_add_up_to_the_scores_of_all_documents_at_once(pairs: Pairs) -> None:
    one = mixed(pairs)
    spans = [prediction.spans for prediction in one.predictions]
    at_once = score_documents(one.documents, spans, SCHEMA)
    singly = [score_documents([d], [found], SCHEMA) for d, found in zip(one.documents, spans, strict=True)]
    for match in MATCHES:
        for label in SCHEMA.labels:
            score = one.tally.score(f"{match}/{label}")
            assert score == at_once[match].labels[label]
            assert score.matched == sum(part[match].labels[label].matched for part in singly)
        assert one.scores[match].micro == at_once[match].micro
        assert one.scores[match].core == at_once[match].core


@given(PAIRS)
def test_weights_of_one_change_nothing_and_a_weight_of_two_is_the_document_twice(pairs: Pairs) -> None:
    tally = mixed(pairs).tally
    number = len(tally.counts)
    ones, doubled = np.ones((1, number)), np.ones((1, number))
    doubled[0, 0] = 2
    assert tally.totals(ones)[0] == pytest.approx(tally.totals())
    assert tally.totals(doubled)[0] == pytest.approx(tally.of([0, *range(number)]).totals())
    assert tally.totals(np.zeros((3, number))).shape == (3, len(tally.rows), 3)


@given(PAIRS)
def test_gold_predicted_perfectly_scores_one_wherever_there_is_something_to_score(pairs: Pairs) -> None:
    perfect = mixed([(gold, gold, stated) for gold, _, stated in pairs])
    values = {name: perfect.f1(name) for name in perfect.measures}
    assert all(np.isnan(value) or value == pytest.approx(1) for value in values.values()), values
    kept = [span for d in perfect.documents for span in d.spans if span.label in exhaustive(d, SCHEMA)]
    assert np.isnan(values["partial_micro"]) == (not kept)
    for document, prediction in zip(perfect.documents, perfect.predictions, strict=True):
        assert errors(document, prediction, SCHEMA) == []
        assert toll_errors(document, prediction, SCHEMA) == []
    assert perfect.calibration.right.all()


@given(PAIRS)
def test_each_strategy_is_at_least_as_lenient_as_the_one_before_in_every_document_and_row(pairs: Pairs) -> None:
    tally = mixed(pairs).tally
    for label in SCHEMA.labels:
        strict, untyped, partial, overlap = (
            tally.counts[:, tally.rows.index(f"{match}/{label}")]
            for match in ("strict", "untyped", "partial", "overlap")
        )
        assert (strict[:, 0] <= untyped[:, 0]).all()
        assert (untyped[:, 0] <= partial[:, 0]).all()
        assert (partial[:, 0] <= overlap[:, 0]).all()
        assert (overlap[:, 0] <= overlap[:, 1:].min(axis=1)).all()
        assert (strict[:, 1:] == overlap[:, 1:]).all()


@given(PAIRS)
def test_event_rows_are_bounded_by_one_another(pairs: Pairs) -> None:
    one = mixed(pairs)
    score = {row.removeprefix("event/"): one.tally.score(row) for row in event_rows(SCHEMA)}
    assert score["classification"].matched <= score["detection"].matched
    assert score["ceaf"].matched <= score["detection"].matched + 1e-9
    assert score["argument_classification"].matched <= score["argument_identification"].matched
    for whole, kind in (("classification", "type:"), ("toll", "toll:"), ("argument_classification", "role:")):
        parts = [part for row, part in score.items() if row.startswith(kind)]
        assert score[whole].matched == sum(part.matched for part in parts)
        assert score[whole].predicted == sum(part.predicted for part in parts)
        assert score[whole].gold == sum(part.gold for part in parts)


@given(PAIRS)
def test_every_toll_that_is_not_matched_is_a_toll_error(pairs: Pairs) -> None:
    one = mixed(pairs)
    toll = one.tally.score("event/toll")
    found = [e for d, p in zip(one.documents, one.predictions, strict=True) for e in toll_errors(d, p, SCHEMA)]
    assert sum(e.gold is not None for e in found) == toll.gold - toll.matched
    assert sum(e.predicted is not None for e in found) == toll.predicted - toll.matched


def test_a_macro_measure_leaves_out_rows_with_nothing_gold_and_nothing_predicted() -> None:
    counts = np.array([[[1.0, 2.0, 2.0], [0, 0, 0], [0, 3, 0]], [[1.0, 1.0, 1.0], [0, 0, 0], [0, 0, 0]]])
    tally = Tally(("a", "b", "c"), counts)
    macro = Measure("macro", tally.rows, macro=True)
    assert float(macro.value(tally, tally.totals())) == pytest.approx((2 * 2 / 6 + 0) / 2)
    assert macro.value(tally, tally.counts).tolist() == pytest.approx([(0.5 + 0) / 2, 1.0])
    assert np.isnan(Measure("empty", ("b",), macro=True).value(tally, tally.totals()))
    assert np.isnan(Measure("empty", ("b",)).value(tally, tally.totals()))
    assert float(Measure("micro", tally.rows).value(tally, tally.totals())) == pytest.approx(2 * 2 / 9)


def test_names_of_measures_are_unlike_and_their_rows_are_in_the_tally() -> None:
    one = evaluated((GOLD, FOUND))
    named = [*span_measures(SCHEMA), *event_measures(SCHEMA)]
    assert len({measure.name for measure in named}) == len(named)
    assert {row for measure in named for row in measure.rows} == set(one.tally.rows)


@pytest.mark.parametrize(("length", "matched"), [(100, 1), (101, 0)])
def test_an_overlap_is_at_least_a_hundredth_of_the_gold_span(length: int, matched: int) -> None:
    scores = score_spans([[Span("S1", 0, length, "DATE")]], [[Span("S1", 0, 1, "DATE")]], SCHEMA)
    assert scores["overlap"].micro == Score(matched, 1, 1)


# --- errors -----------------------------------------------------------------------------------------------------------


def test_errors_have_the_kind_that_their_table_says_in_order_of_offset() -> None:
    gold = marked("{One|VICTIM} {two|TOLL:killed} {three four|DATE} {five|TARGET} {six|WEAPON} seven.")
    found = marked("{One|VICTIM} {two|TOLL:injured} three {four|DATE} {five|LOCATION} six {seven|WEAPON}.")
    listed = errors(gold, guess(found), SCHEMA)
    assert [error.kind for error in listed] == ["type", "boundary", "label", "missed", "spurious"]
    assert set(ERRORS) == {error.kind for error in listed}
    assert [error.start for error in listed] == sorted(error.start for error in listed)


@given(PAIRS)
def test_errors_list_each_span_that_is_not_exactly_right_once_on_its_side(pairs: Pairs) -> None:
    one = mixed(pairs)
    for document, prediction in zip(one.documents, one.predictions, strict=True):
        kept = exhaustive(document, SCHEMA)
        ours = Counter((s.start, s.end, s.label, s.type) for s in document.spans if s.label in kept)
        theirs = Counter((s.start, s.end, s.label, s.type) for s in prediction.spans if s.label in kept)
        listed = errors(document, prediction, SCHEMA)
        for side, wrong in (("gold", ours - theirs), ("predicted", theirs - ours)):
            spans = [span for error in listed if (span := getattr(error, side))]
            assert Counter((s.start, s.end, s.label, s.type) for s in spans) == wrong


@given(layouts(), layouts(), layouts())
def test_equal_errors_are_no_change_and_others_are_won_and_lost(gold: Document, a: Document, b: Document) -> None:
    first, second = (errors(gold, guess(found), SCHEMA) for found in (a, b))
    assert changed(first, first) == ([], [])
    assert changed(first, []) == (first, [])
    assert changed([], second) == ([], second)
    won, lost = changed(first, second)
    assert changed(second, first) == (lost, won)
    for kind in ("missed", "boundary", "type", "label"):  # each of these stands on one gold span
        before, after, gained, failed = (
            sum(error.kind == kind for error in side) for side in (first, second, won, lost)
        )
        assert before - after == gained - failed


# --- calibration ------------------------------------------------------------------------------------------------------


def _calibration() -> Calibration:
    """Six spans by hand in three documents; four are gold, three of those predicted."""
    return Calibration(
        scores=np.array([0.95, 1.0, 0.91, 0.55, 0.52, 0.15]),
        right=np.array([1.0, 1.0, 0.0, 1.0, 0.0, 0.0]),
        documents=np.array([0.0, 0.0, 1.0, 1.0, 2.0, 2.0]),
        gold=4,
    )


def test_calibration_error_is_the_one_computed_by_hand() -> None:
    by_hand = (abs(0.95 + 1.0 + 0.91 - 2) + abs(0.55 + 0.52 - 1) + abs(0.15 - 0)) / 6
    assert _calibration().ece == pytest.approx(by_hand) == pytest.approx(0.18)


def test_reliability_shows_each_bin_with_a_span_and_a_score_of_one_is_in_the_last() -> None:
    rows = _calibration().reliability()
    assert [row["spans"] for row in rows] == [1, 2, 3]
    assert [row["score"] for row in rows] == pytest.approx([0.15, 0.535, 2.86 / 3])
    assert [row["right"] for row in rows] == pytest.approx([0, 0.5, 2 / 3])
    sure = Calibration(np.array([1.0]), np.array([1.0]), np.array([0.0]), 1)
    assert sure.ece == 0
    assert sure.reliability() == [{"score": 1.0, "right": 1.0, "spans": 1}]


def test_a_score_on_an_edge_falls_in_the_bin_above() -> None:
    edges = Calibration(np.arange(10) / 10, np.zeros(10), np.zeros(10), 0)
    assert [row["spans"] for row in edges.reliability()] == [1] * 10


def test_resampled_error_counts_documents_as_often_as_they_are_drawn() -> None:
    one = _calibration()
    found = one.resampled(np.array([[1.0, 1, 1], [2, 0, 1], [0, 0, 0]]))
    assert found[0] == pytest.approx(one.ece)
    assert found[1] == pytest.approx((2 * abs(1.95 - 2) + abs(0.52 - 0) + abs(0.15 - 0)) / 6)
    assert np.isnan(found[2])


def test_without_a_predicted_span_the_error_is_undefined_and_nothing_fails() -> None:
    none = calibration([GOLD], [guess(Document("d1", GOLD.text))], SCHEMA)
    assert np.isnan(none.ece)
    assert none.gold == len(GOLD.spans)
    assert none.reliability() == []
    assert np.isnan(none.resampled(np.ones((2, 1)))).all()
    assert none.to_dict()["ece"] is None
    assert none.thresholds()[0] == {"threshold": 0.0, "precision": 1.0, "recall": 0.0, "f1": 0.0}


@given(PAIRS, st.lists(st.integers(0, 20).map(lambda n: n / 20), min_size=40, max_size=40))
def test_thresholds_are_what_strict_scores_say_without_the_spans_below(pairs: Pairs, scores: list[float]) -> None:
    one = mixed(pairs)
    values = iter(scores)
    predictions = [
        replace(p, spans=[replace(span, score=next(values, 0.5)) for span in p.spans]) for p in one.predictions
    ]
    for row in calibration(one.documents, predictions, SCHEMA).thresholds():
        kept = [[span for span in p.spans if span.score >= row["threshold"]] for p in predictions]
        score = score_documents(one.documents, kept, SCHEMA)["strict"].micro
        expected = (score.precision if score.predicted else 1.0, score.recall, score.f1)
        assert (row["precision"], row["recall"], row["f1"]) == pytest.approx(expected)


@given(PAIRS)
def test_calibration_counts_as_right_what_strict_scores_count_as_matched(pairs: Pairs) -> None:
    one = mixed(pairs)
    micro = one.scores["strict"].micro
    found = one.calibration
    assert (found.right.sum(), len(found.scores), found.gold) == (micro.matched, micro.predicted, micro.gold)
    if len(found.scores):
        assert found.ece == pytest.approx(abs(0.9 - micro.precision))  # all of them scored 0.9
    each = found.resampled(np.eye(len(one.documents)))
    alone = [calibration([d], [p], SCHEMA).ece for d, p in zip(one.documents, one.predictions, strict=True)]
    assert each == pytest.approx(alone, nan_ok=True)
