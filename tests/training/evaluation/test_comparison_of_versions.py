"""Two versions on the same documents: what is refused, what is said, and that all of it can be written as JSON."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import DataError, Document, Event, Span, load_schema
from inference.manifest import Manifest
from tests.tiny import documents
from tests.training.evaluation.evaluated import evaluated, guess, layouts, marked
from training.evaluation.assessment import Assessment
from training.evaluation.compare import VersionComparison, compare_versions
from training.evaluation.evaluate import Evaluation
from training.evaluation.resampling import holm
from training.evaluation.training_overlap import mentions

SCHEMA = load_schema()
GOLD = documents(24)


def silent(document: Document) -> Document:
    """Nothing is found."""
    return Document(document.id, document.text)


def halved(document: Document) -> Document:
    """Every other span is found, and no event."""
    return Document(document.id, document.text, document.spans[::2])


def perfect(document: Document) -> Document:
    return document


def version(name: str, find: Callable[[Document], Document], gold: Sequence[Document] = GOLD) -> Evaluation:
    return Evaluation(name, gold, [guess(find(document)) for document in gold], SCHEMA)


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("others", [GOLD[:-1], GOLD[::-1], documents(25)[1:], []])
def test_versions_scored_on_other_documents_are_refused(others: list[Document]) -> None:
    with pytest.raises(DataError, match="scored on"):
        compare_versions(version("old", perfect), version("new", perfect, others))


@pytest.mark.parametrize(
    "other",
    [
        replace(GOLD[0], text=GOLD[0].text.replace("Friday", "Monday")),
        replace(GOLD[0], spans=GOLD[0].spans[:-1], events=[]),
        replace(GOLD[0], meta={"coverage": {"DATE": "none"}}),
    ],
)
def test_documents_of_one_id_with_other_text_or_annotation_are_refused(other: Document) -> None:
    with pytest.raises(DataError, match="scored on"):
        compare_versions(version("old", perfect), version("new", perfect, [other, *GOLD[1:]]))


def test_versions_with_other_labels_or_types_are_refused_by_name() -> None:
    content = SCHEMA.model_dump()
    del content["labels"]["DATE"]
    fewer = type(SCHEMA).model_validate(content)
    other = replace(version("new", silent), schema=fewer)
    with pytest.raises(DataError, match="old and new have different labels or types"):
        compare_versions(version("old", silent), other)


def test_versions_with_other_core_labels_are_refused() -> None:
    content = SCHEMA.model_dump()
    content["labels"]["DATE"]["core"] = True
    other = type(SCHEMA).model_validate(content)
    assert other.core != SCHEMA.core
    with pytest.raises(DataError):
        compare_versions(version("old", silent), replace(version("new", silent), schema=other))


# --- what is said -----------------------------------------------------------------------------------------------------


def test_the_verdict_says_which_version_is_better_and_by_how_much() -> None:
    found = compare_versions(version("old", halved), version("new", perfect))
    one = found.primary
    assert one.verdict == "better"
    assert found.verdict.startswith("new is better than old: core F1 with partial match ")
    assert f"{one.first:.3f} -> 1.000 ({1 - one.first:+.3f}, 95 % interval +0." in found.verdict
    assert found.verdict.endswith(f"p = {one.p:.4f}, 24 documents).")
    assert found.verdict.count("(") == found.verdict.count(")") == 1


def test_the_verdict_says_which_version_is_worse() -> None:
    found = compare_versions(version("old", perfect), version("new", silent))
    assert found.verdict.startswith("new is worse than old: core F1 with partial match 1.000 -> 0.000 (-1.000, ")


def test_the_verdict_says_that_there_is_no_evidence() -> None:
    found = compare_versions(version("old", halved), version("new", halved))
    assert found.verdict.startswith("No evidence of a difference between new and old: ")
    assert "(+0.000, 95 % interval +0.000 to +0.000, p = 1.0000, 24 documents)" in found.verdict


def test_the_verdict_says_that_documents_are_too_few() -> None:
    found = compare_versions(version("old", silent, GOLD[:4]), version("new", perfect, GOLD[:4]))
    assert found.verdict.startswith("No evidence: too few ")
    assert found.verdict.endswith(" 0.000 -> 1.000 (+1.000).")


def test_the_verdict_does_not_call_documents_few_that_hold_nothing_to_score() -> None:
    calm = [Document(f"d{number}", "Quiet.") for number in range(30)]
    sentence = compare_versions(version("old", perfect, calm), version("new", perfect, calm)).verdict
    assert sentence.startswith("No evidence")
    assert "too few" not in sentence
    assert "nan" not in sentence


def test_tables_hold_every_measure_label_type_and_slice() -> None:
    found = compare_versions(version("old", halved), version("new", perfect), seen=mentions(GOLD[:8]))
    assert [one.name for one in found.labels] == [f"partial_{label}" for label in SCHEMA.labels]
    assert len(found.types) == sum(len(label.types) for label in SCHEMA.labels.values())
    names = [one.name for one in found.slices]
    assert {"genre: wire", "events: 1", "attack type: bombing", "mention in training: seen"} <= set(names)
    assert len(set(names)) == len(names)
    by_name = {one.name: one for one in found.slices}
    assert by_name["attack type: bombing"].documents == 6
    assert by_name["genre: wire"].value == pytest.approx(found.primary.value)
    assert {one.name: one for one in found.overall}["event_detection"].second == 1
    assert found.overall[0] == found.primary
    assert found.primary.adjusted == found.primary.p
    for table in (found.overall[1:], found.labels, found.types, found.slices):
        raw = [one.p for one in table if one.p is not None]
        assert len(raw) > 1
        assert [one.adjusted for one in table if one.p is not None] == holm(raw)


def test_of_several_rivals_the_p_value_that_decides_is_corrected_for_their_number() -> None:
    sides = version("old", halved), version("new", perfect)
    alone, among = compare_versions(*sides), compare_versions(*sides, rivals=4)
    assert alone.primary.p is not None
    assert among.primary.adjusted == pytest.approx(min(1, 4 * alone.primary.p))


# --- changes ----------------------------------------------------------------------------------------------------------


def test_changes_come_with_the_largest_loss_first_and_leave_out_what_stayed() -> None:
    gold = [
        marked("{Gunmen|PERPETRATOR} {shot|ATTACK:bombing} {boys|VICTIM}."),
        marked("{Rebels|PERPETRATOR} {shot|ATTACK:bombing}."),
        marked("{Rebels|PERPETRATOR} left."),
        marked("Calm in Gao."),
        marked("{Men|PERPETRATOR} left."),
    ]
    old = [gold[0], gold[1], silent(gold[2]), gold[3], silent(gold[4])]
    new = [
        marked("{Gunmen|PERPETRATOR} {shot|ATTACK:bombing} boys."),  # F1 1 -> 0.8
        silent(gold[1]),  # 1 -> 0
        gold[2],  # 0 -> 1
        marked("Calm in {Gao|VICTIM}."),  # nothing to find: 1 -> 0
        silent(gold[4]),
    ]
    first, second = (evaluated(*zip(gold, side, strict=True)) for side in (old, new))
    found = compare_versions(first, second)
    assert [(change.document, round(change.difference, 4)) for change in found.changes] == [
        (1, -1.0), (3, -1.0), (0, -0.2), (2, 1.0)
    ]  # fmt: skip
    assert found.kinds()["missed"] == {"won": 1, "lost": 3}
    assert found.kinds()["spurious"] == {"won": 0, "lost": 1}
    assert found.kinds()["boundary"] == {"won": 0, "lost": 0}


@given(st.lists(st.tuples(layouts(), layouts(), layouts()), min_size=1, max_size=4))
def test_kinds_of_errors_add_up_over_changes(drawn: list[tuple[Document, Document, Document]]) -> None:
    first, second = (evaluated(*((row[0], row[side]) for row in drawn)) for side in (1, 2))
    found = compare_versions(first, second)
    listed = found.kinds()
    for name in ("won", "lost"):
        each = Counter(error.kind for change in found.changes for error in getattr(change, name))
        assert {kind: row[name] for kind, row in listed.items()} == {kind: each[kind] for kind in listed}
    made = [Counter(error.kind for errors in side.errors for error in errors) for side in (first, second)]
    for kind in ("missed", "boundary", "type", "label"):
        assert made[0][kind] - made[1][kind] == listed[kind]["won"] - listed[kind]["lost"]
    assert [change.difference for change in found.changes] == sorted(change.difference for change in found.changes)


def test_a_document_whose_score_changes_is_among_the_changes() -> None:
    gold = marked("{Gunmen|PERPETRATOR} burned {a mill|TARGET}.")
    old = marked("{Gunmen|PERPETRATOR} burned {a mill|LOCATION}.")  # core F1 1
    new = marked("{Gunmen|PERPETRATOR} burned {a mill|VICTIM}.")  # core F1 2/3: the same kind of error
    found = compare_versions(evaluated((gold, old)), evaluated((gold, new)))
    assert found.primary.value == pytest.approx(-1 / 3)
    assert [change.document for change in found.changes] == [0]


# --- as JSON ----------------------------------------------------------------------------------------------------------

CALM = Document("d1", "Quiet.")
ONE = Document("d1", "Shot.", [Span("S1", 0, 4, "ATTACK", "bombing")], [Event("E1", "bombing", {"triggers": ("S1",)})])
PARTLY = replace(ONE, meta={"coverage": {"ATTACK": "some"}})
TINY = {
    "one document with nothing": ([CALM], silent),
    "one document, nothing found": ([ONE], silent),
    "one document, all found": ([ONE], perfect),
    "nothing to score": ([PARTLY], perfect),
    "no events": ([replace(document, events=[]) for document in GOLD[:6]], halved),
    "all silent": ([replace(CALM, id=f"d{number}") for number in range(7)], silent),
    "many": (GOLD, halved),
}


def plain(value: object) -> None:
    """Fail unless a value can be written as JSON that every reader takes, and comes back as it was."""
    assert json.loads(json.dumps(value, allow_nan=False)) == value


@pytest.mark.parametrize("name", TINY)
@pytest.mark.parametrize("other", [silent, perfect])
def test_a_comparison_is_plain_json_however_small(name: str, other: Callable[[Document], Document]) -> None:
    gold, find = TINY[name]
    found = compare_versions(version("old", find, gold), version("new", other, gold), contaminated={"old": ("d1",)})
    written = found.to_dict()
    plain(written)
    assert written["contaminated"] == {"old": ["d1"]}
    assert written["documents"] == len(gold)
    assert written["primary"]["verdict"] == found.primary.verdict
    assert [one["document"] for one in written["changes"]] == [gold[change.document].id for change in found.changes]


@pytest.mark.parametrize("name", TINY)
def test_an_assessment_is_plain_json_however_small(name: str) -> None:
    gold, find = TINY[name]
    one = Assessment(version("tiny", find, gold), ("a.jsonl",), "0" * 64, Manifest("tiny", 32, 8), ["d1"], {}, None)
    written = one.to_dict()
    plain(written)
    assert set(written["intervals"]) == set(one.evaluation.measures)
    (note,) = written["notes"]
    assert f"1 of {len(gold)} documents, such as d1" in note
    defined = {name: row["f1"] is not None for name, row in written["intervals"].items()}
    rows = {name: measure.rows for name, measure in one.evaluation.measures.items()}
    for measure, known in defined.items():
        scores = [one.evaluation.tally.score(row) for row in rows[measure]]
        assert known == any(score.gold or score.predicted for score in scores)


def test_an_assessment_names_its_wrong_tolls_and_slices() -> None:
    gold = [marked("{Shot|ATTACK|E1}: {four|TOLL:killed|E1} dead.", "E1: bombing", genre="wire")]
    found = evaluated((gold[0], marked("{Shot|ATTACK|E1}: four dead.", "E1: bombing")))
    one = Assessment(found, ("a.jsonl",), "0" * 64, Manifest("tiny", 32, 8), [], None, None)
    written = one.to_dict()
    four = {"min": 4, "max": 4, "approximate": False}
    assert written["toll_errors"] == [
        {"document": "d0", "event": "E1", "kind": "killed", "gold": four, "predicted": None}
    ]
    wire = next(row for row in written["slices"] if row["value"] == "wire")
    assert (wire["slice"], wire["gold"], wire["documents"], wire["measure"]) == ("genre", 2, 1, "partial_core")
    assert wire["f1"] == round(2 / 3, 4)
    assert len(written["notes"]) == 1


def test_metrics_of_tiny_data_leave_out_what_is_undefined() -> None:
    assert version("tiny", silent, [CALM]).metrics("test") == {}
    found = version("tiny", silent, [ONE]).metrics("test")
    assert found["test/strict_micro_f1"] == found["test/event_detection_f1"] == 0
    assert not any(math.isnan(value) for value in found.values())
    assert not {"test/ece", "test/event_toll_f1"} & set(found)


def test_contamination_is_told_with_the_comparison() -> None:
    found = compare_versions(version("old", silent), version("new", silent), contaminated={"new": ["d000"]})
    assert isinstance(found, VersionComparison)
    assert found.to_dict()["contaminated"] == {"new": ["d000"]}
    assert compare_versions(version("old", silent), version("new", silent)).contaminated == {}
