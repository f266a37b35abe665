"""Partly annotated documents: what they say of themselves, and what checks, training and scores make of it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from annotations import DataError, Document, Event, Span, load_schema, write_documents
from annotations.coverage import annotation_faults, coverage, coverage_faults, declared, exhaustive
from annotations.formats.inline import parse, render
from annotations.validate import document_faults, validate
from tests.tiny import documents, encoder
from training.config import TrainConfig
from training.evaluation.counts import Score
from training.evaluation.evaluate import evaluate
from training.evaluation.scores import score_documents, score_spans
from training.fit.batches import collate
from training.fit.examples import IGNORED, build, possible_tags
from training.fit.loss import token_loss
from training.fit.prepare import prepare
from training.fit.reading import read_splits

SCHEMA = load_schema()
LABELS = list(SCHEMA.labels)
TEXT = "Raiders burned a mill in Tov."
MILL = Span("S1", 17, 21, "TARGET")
EXTENTS = st.dictionaries(st.sampled_from(LABELS), st.sampled_from(["all", "some", "none"]))


def partial(stated: Any, *spans: Span, **more: Any) -> Document:
    return Document("d1", TEXT, spans, meta={"coverage": stated}, **more)


def test_a_document_that_says_nothing_is_annotated_exhaustively() -> None:
    assert coverage(Document("d1", TEXT), SCHEMA) == dict.fromkeys(LABELS, "all")
    assert exhaustive(Document("d1", TEXT), SCHEMA) == set(LABELS)


def test_a_label_has_the_extent_that_is_stated_and_others_have_all() -> None:
    found = coverage(partial({"TARGET": "none", "DATE": "some", "TOLL": "all"}), SCHEMA)
    assert found == {**dict.fromkeys(LABELS, "all"), "TARGET": "none", "DATE": "some"}


def test_labels_of_which_some_or_none_are_marked_are_not_exhaustive() -> None:
    found = exhaustive(partial({"TARGET": "none", "DATE": "some", "TOLL": "all"}), SCHEMA)
    assert found == set(LABELS) - {"TARGET", "DATE"}


@given(EXTENTS)
def test_what_is_declared_is_the_coverage_and_has_no_fault(extents: dict[str, str]) -> None:
    document = declared(Document("d1", TEXT), extents)
    assert coverage(document, SCHEMA) == {**dict.fromkeys(LABELS, "all"), **extents}
    assert list(coverage_faults(document, SCHEMA)) == []


def test_a_declaration_replaces_the_one_before_and_leaves_the_rest() -> None:
    before = replace(partial({"TARGET": "none"}, events=[]), meta={"genre": "wire", "coverage": {"TARGET": "none"}})
    assert declared(before, {"DATE": "some", "TOLL": "all"}).meta == {"genre": "wire", "coverage": {"DATE": "some"}}


def test_what_is_declared_exhaustive_need_not_be_said() -> None:
    assert declared(partial({"TARGET": "none"}), {"TARGET": "all"}).meta == {}


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ("some", "meta 'coverage' is str; map labels to extents"),
        (None, "meta 'coverage' is NoneType; map labels to extents"),
        (["TARGET"], "meta 'coverage' is list; map labels to extents"),
        ({"TARGT": "some"}, "meta 'coverage' names unknown label 'TARGT'; did you mean 'TARGET'?"),
        ({"DATE": "sme"}, "meta 'coverage' of DATE is 'sme'; did you mean 'some'?"),
        ({"DATE": True}, "meta 'coverage' of DATE is True; known are: all, none, some"),
        ({"DATE": ["some"]}, "meta 'coverage' of DATE is ['some']; did you mean 'some'?"),
        ({"TARGET": "none"}, "meta 'coverage' says that no TARGET is marked, but some are; use 'some'"),
    ],
)
def test_a_wrong_statement_is_a_fault_that_says_what_to_do(stated: Any, message: str) -> None:
    (fault,) = document_faults(partial(stated, MILL), SCHEMA)
    assert str(fault) == f"document 'd1': {message}"


@pytest.mark.parametrize("stated", ["some", None, ["TARGET"], 1])
def test_a_statement_that_is_no_mapping_says_nothing_of_any_label(stated: Any) -> None:
    assert coverage(partial(stated), SCHEMA) == dict.fromkeys(LABELS, "all")


def test_faults_of_an_annotation_are_those_of_schema_and_statement() -> None:
    document = partial({"DATE": "sme"}, replace(MILL, label="TARGT"))
    assert [fault.problem for fault in annotation_faults(document, SCHEMA)] == [
        "unknown label 'TARGT'",
        "meta 'coverage' of DATE is 'sme'",
    ]


def test_every_wrong_statement_is_told() -> None:
    faults = coverage_faults(partial({"TARGT": "some", "DATE": "sme", "TOLL": "some", "TARGET": "none"}, MILL), SCHEMA)
    assert [fault.problem.split("coverage' ")[1] for fault in faults] == [
        "names unknown label 'TARGT'",
        "of DATE is 'sme'",
        "says that no TARGET is marked, but some are",
    ]


def test_the_check_of_a_file_tells_file_and_line_of_a_wrong_statement(tmp_path: Path) -> None:
    path = tmp_path / "part.jsonl"
    lines = [partial({"DATE": "some"}).to_dict(), {**partial({"DATE": "sme"}).to_dict(), "id": "d2"}]
    path.write_text("\n".join(map(json.dumps, lines)))
    (fault,) = validate([path], SCHEMA).faults
    assert str(fault) == f"{path}:2: document 'd2': meta 'coverage' of DATE is 'sme'; did you mean 'some'?"


def burned(stated: Mapping[str, str], **roles: tuple[str, ...]) -> Document:
    """A document with a trigger and an event of these roles."""
    trigger = Span("S2", 8, 14, "ATTACK", "arson_sabotage")
    return partial(stated, MILL, trigger, events=[Event("E1", "arson_sabotage", roles)] if roles else [])


def test_an_event_needs_a_trigger_where_all_triggers_are_marked() -> None:
    document = replace(burned({}, targets=("S1",)), spans=[MILL])
    (fault,) = document_faults(document, SCHEMA)
    assert str(fault) == "document 'd1': event E1: has no ATTACK span; mark its trigger"


@pytest.mark.parametrize("extent", ["some", "none"])
def test_an_event_needs_no_trigger_where_triggers_are_not_all_marked(extent: str) -> None:
    document = replace(burned({"ATTACK": extent}, targets=("S1",)), spans=[MILL])
    assert document_faults(document, SCHEMA) == []


def test_a_trigger_belongs_to_an_event_however_far_triggers_are_marked() -> None:
    (fault,) = document_faults(burned({"ATTACK": "some"}, targets=("S1",)), SCHEMA)
    assert str(fault) == (
        "document 'd1': span S2 [8:14] 'burned': is a trigger without an event; add it to an event"
    )  # fmt: skip


@given(EXTENTS)
def test_inline_markup_keeps_the_statement(stated: dict[str, str]) -> None:
    document = declared(Document("d1", TEXT), stated)
    assert parse(render(document, SCHEMA), SCHEMA).meta == document.meta


def test_a_statement_in_markup_that_is_no_json_is_told() -> None:
    with pytest.raises(DataError, match=r"^a\.txt: .*'coverage'"):
        parse("id: d1\ncoverage: {TARGET: some}\n---\nRain.\n---\n", SCHEMA, "a.txt")


few = settings(max_examples=50)


@st.composite
def batches(draw: st.DrawFn) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Logits, labels of which one at least is taught, and the tags that are possible."""
    rows, width, tags = draw(st.integers(1, 3)), draw(st.integers(1, 5)), draw(st.integers(2, 6))
    cell = st.sampled_from([IGNORED, 0, 0, *range(1, tags)])
    labels = torch.tensor([[draw(cell) for _ in range(width)] for _ in range(rows)])
    labels[0, 0] = draw(st.integers(0, tags - 1))
    logits = torch.randn(rows, width, tags, generator=torch.Generator().manual_seed(draw(st.integers(0, 999)))) * 4
    possible = torch.tensor([[True, *(draw(st.booleans()) for _ in range(tags - 1))] for _ in range(rows)])
    return logits.double(), labels, possible


def only_outside(possible: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.one_hot(torch.zeros(len(possible), dtype=torch.long), possible.shape[1]).bool()


@few
@given(batches())
def test_the_loss_is_cross_entropy_where_everything_is_exhaustive(batch: tuple[torch.Tensor, ...]) -> None:
    logits, labels, possible = batch
    expected = torch.nn.functional.cross_entropy(logits.transpose(1, 2), labels, ignore_index=IGNORED)
    torch.testing.assert_close(token_loss(logits, labels, only_outside(possible)), expected)


@few
@given(batches())
def test_its_gradient_is_that_of_cross_entropy_where_everything_is_exhaustive(batch: tuple[torch.Tensor, ...]) -> None:
    logits, labels, possible = batch
    ours, theirs = (logits.clone().requires_grad_() for _ in range(2))
    token_loss(ours, labels, only_outside(possible)).backward()
    torch.nn.functional.cross_entropy(theirs.transpose(1, 2), labels, ignore_index=IGNORED).backward()
    torch.testing.assert_close(ours.grad, theirs.grad)


@few
@given(batches())
def test_the_loss_is_the_mean_over_subwords_that_teach_something(batch: tuple[torch.Tensor, ...]) -> None:
    logits, labels, possible = batch
    losses = []
    for row, tags, open_to in zip(logits.softmax(-1).tolist(), labels.tolist(), possible.tolist(), strict=True):
        for probabilities, tag in zip(row, tags, strict=True):
            allowed = [p for p, may in zip(probabilities, open_to, strict=True) if may]
            if tag != IGNORED and not (tag == 0 and all(open_to)):
                losses.append(-math.log(probabilities[tag] if tag else math.fsum(allowed)))
    assert float(token_loss(logits, labels, possible)) == pytest.approx(sum(losses) / max(1, len(losses)))


@few
@given(batches())
def test_the_loss_of_a_subword_never_rises_where_more_is_possible(batch: tuple[torch.Tensor, ...]) -> None:
    logits, labels, possible = (part[:1] for part in batch)
    logits, labels = logits[:, :1], labels[:, :1]
    assert token_loss(logits, labels, possible) <= token_loss(logits, labels, only_outside(possible)) + 1e-12


def from_probabilities(*rows: Sequence[float]) -> torch.Tensor:
    return torch.tensor([rows]).log()


def test_the_loss_of_partly_annotated_subwords_is_that_of_a_calculation_by_hand() -> None:
    # Tags O, A and B; B is not annotated exhaustively. Unmarked: 0.5 + 0.3. Marked A: 0.2. Marked B: 0.6.
    logits = from_probabilities([0.5, 0.2, 0.3], [0.1, 0.2, 0.7], [0.3, 0.1, 0.6], [0.9, 0.05, 0.05])
    loss = token_loss(logits, torch.tensor([[0, 1, 2, IGNORED]]), torch.tensor([[True, False, True]]))
    assert float(loss) == pytest.approx(-(math.log(0.8) + math.log(0.2) + math.log(0.6)) / 3)


def test_each_document_of_a_batch_has_tags_of_its_own_that_are_possible() -> None:
    logits = from_probabilities([0.5, 0.2, 0.3]).repeat(2, 1, 1)
    possible = torch.tensor([[True, True, False], [True, False, False]])
    loss = token_loss(logits, torch.tensor([[0], [0]]), possible)
    assert float(loss) == pytest.approx(-(math.log(0.7) + math.log(0.5)) / 2)


def test_an_unmarked_subword_teaches_nothing_between_tags_that_are_all_possible() -> None:
    logits = torch.randn(1, 3, 4, generator=torch.Generator().manual_seed(1)).requires_grad_()
    token_loss(logits, torch.zeros(1, 3, dtype=torch.long), torch.ones(1, 4, dtype=torch.bool)).backward()
    assert logits.grad is not None
    torch.testing.assert_close(logits.grad, torch.zeros_like(logits))


def test_subwords_that_may_be_anything_do_not_thin_out_the_others() -> None:
    logits = from_probabilities([0.5, 0.5], [0.2, 0.8], [0.9, 0.1])
    loss = token_loss(logits, torch.tensor([[0, 1, 0]]), torch.tensor([[True, True]]))
    assert float(loss) == pytest.approx(-math.log(0.8))


@pytest.mark.parametrize("label", [0, IGNORED])
def test_the_loss_is_0_where_nothing_is_taught(label: int) -> None:
    logits = from_probabilities([0.5, 0.5]).requires_grad_()
    loss = token_loss(logits, torch.tensor([[label]]), torch.tensor([[True, True]]))
    loss.backward()
    assert logits.grad is not None
    assert (loss.item(), logits.grad.tolist()) == (0.0, [[[0.0, 0.0]]])


def test_an_unmarked_subword_is_taught_not_to_be_what_is_annotated_exhaustively() -> None:
    logits = torch.zeros(1, 1, 3, requires_grad=True)
    token_loss(logits, torch.tensor([[0]]), torch.tensor([[True, False, True]])).backward()
    assert logits.grad is not None
    assert logits.grad[0, 0].tolist() == pytest.approx([1 / 3 - 1 / 2, 1 / 3, 1 / 3 - 1 / 2])


@few
@given(batches())
def test_gradients_are_finite_whatever_is_possible(batch: tuple[torch.Tensor, ...]) -> None:
    logits, labels, possible = batch
    logits = (logits * 50).requires_grad_()
    token_loss(logits, labels, possible).backward()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()
    assert (logits.grad[labels == IGNORED] == 0).all()


@given(EXTENTS)
def test_an_unmarked_subword_may_have_o_and_the_tags_of_labels_not_marked_exhaustively(stated: dict[str, str]) -> None:
    unsure = {label for label, extent in stated.items() if extent != "all"}
    expected = ["O"] + [
        f"{prefix}-{label}" + (f":{kind}" if kind else "")
        for label, kind in SCHEMA.classes
        if label in unsure
        for prefix in "BI"
    ]
    assert [SCHEMA.tags[number] for number in possible_tags(partial(stated), SCHEMA)] == expected


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return Tokenizer.from_file(str(encoder(tmp_path_factory.mktemp("encoder") / "e") / "tokenizer.json"))


def test_examples_and_batches_carry_what_is_possible_in_their_document(tokenizer: Tokenizer, tmp_path: Path) -> None:
    whole, part = documents(2)
    part = declared(part, {"WEAPON": "some"})
    rows, _ = build([whole, part], tokenizer, SCHEMA, 40, 8, tmp_path)
    assert {row["document"] for row in rows} == {whole.id, part.id}
    batch = collate(list(rows), pad_id=0, tags=len(SCHEMA.tags))
    for row, possible in zip(rows, batch["possible"], strict=True):
        wanted = ["O", "B-WEAPON", "I-WEAPON"] if row["document"] == part.id else ["O"]
        assert [SCHEMA.tags[number] for number in possible.nonzero().flatten().tolist()] == wanted


def test_examples_of_the_same_text_with_another_coverage_are_built_anew(tokenizer: Tokenizer, tmp_path: Path) -> None:
    (whole,) = documents(1)
    for document in (whole, declared(whole, {"DATE": "some"})):
        build([document], tokenizer, SCHEMA, 40, 8, tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


FOUND = [MILL, Span("S2", 0, 7, "PERPETRATOR"), Span("S3", 25, 28, "LOCATION")]


def test_labels_that_a_document_does_not_mark_exhaustively_count_for_nothing_in_it() -> None:
    document = partial({"TARGET": "some", "LOCATION": "none"}, MILL, FOUND[1])
    scores = score_documents([document], [[replace(MILL, start=15), *FOUND[1:]]], SCHEMA)
    for found in scores.values():
        assert {label: score for label, score in found.labels.items() if score != Score(0, 0, 0)} == {
            "PERPETRATOR": Score(1, 1, 1)
        }


def test_a_label_counts_in_the_documents_that_mark_it_exhaustively() -> None:
    part, whole = partial({"TARGET": "some"}, MILL), replace(partial({}, MILL), id="d2")
    scores = score_documents([part, whole], [[], FOUND], SCHEMA)
    assert scores["strict"].labels["TARGET"] == Score(1, 1, 1)
    assert scores["strict"].micro == Score(1, 3, 1)


@given(st.lists(st.sets(st.sampled_from(FOUND)), min_size=2, max_size=2), EXTENTS)
def test_scores_are_those_of_the_spans_of_labels_that_are_sure(sides: list[set[Span]], stated: dict[str, str]) -> None:
    gold, predicted = ([span for span in FOUND if span in side] for side in sides)
    unsure = {label for label, extent in stated.items() if extent != "all"}
    kept = [[span for span in side if span.label not in unsure] for side in (gold, predicted)]
    expected = score_spans([kept[0]], [kept[1]], SCHEMA)
    assert score_documents([partial(stated, *gold)], [predicted], SCHEMA) == expected


@pytest.mark.parametrize("predicted", [[], [[], []]])
def test_other_numbers_of_documents_and_predictions_are_refused(predicted: list[list[Span]]) -> None:
    with pytest.raises(ValueError, match=r"argument 2 is (shorter|longer)"):
        score_documents([partial({})], predicted, SCHEMA)


def model(*spans: Span) -> Any:
    return SimpleNamespace(
        name="fixed",
        schema=SCHEMA,
        predict_stream=lambda texts: [SimpleNamespace(spans=spans, events=()) for _ in texts],
    )


def test_an_evaluation_leaves_out_what_is_not_marked_exhaustively() -> None:
    found = evaluate(model(*FOUND), [partial({"TARGET": "some"}, MILL)]).scores["strict"]
    assert (found.labels["TARGET"], found.labels["LOCATION"]) == (Score(0, 0, 0), Score(0, 1, 0))


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ("some", "document 'd1': meta 'coverage' is str; map labels to extents"),
        ({"DATE": "al"}, "document 'd1': meta 'coverage' of DATE is 'al'; did you mean 'all'?"),
    ],
)
def test_an_evaluation_tells_a_wrong_statement(stated: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        evaluate(model(), [partial(stated)])
    assert str(caught.value) == message


def test_an_evaluation_without_a_label_to_score_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        evaluate(model(), [partial(dict.fromkeys(LABELS, "some"))])
    assert str(caught.value) == (
        "no document annotates any label exhaustively, so nothing can be scored; name exhaustively annotated data"
    )


def config(tmp_path: Path, **parts: Sequence[Document]) -> TrainConfig:
    """A run on these parts; its encoder is never loaded, since data is looked at first."""
    for name, found in parts.items():
        write_documents(tmp_path / f"{name}.jsonl", found)
    paths = {name: [str(tmp_path / f"{name}.jsonl")] for name in parts}
    return TrainConfig(encoder="minilm", data=paths)


@pytest.mark.parametrize("extent", ["some", "none"])
def test_dev_data_that_is_not_exhaustive_is_refused_and_each_document_named(tmp_path: Path, extent: str) -> None:
    *train, one, two, three = documents(6)
    dev = [one, *(declared(replace(d, spans=[], events=[]), {"DATE": extent}) for d in (two, three))]
    with pytest.raises(DataError) as caught:
        prepare(config(tmp_path, train=train, dev=dev))
    assert [str(fault) for fault in caught.value.faults] == [
        "document 'd004': is dev data and is not annotated exhaustively; name exhaustive data in data.dev",
        "document 'd005': is dev data and is not annotated exhaustively; name exhaustive data in data.dev",
    ]


def test_dev_data_set_aside_from_training_data_is_held_to_the_same(tmp_path: Path) -> None:
    train = [declared(document, {"DATE": "some"}) for document in documents(6)]
    with pytest.raises(DataError, match="is dev data and is not annotated exhaustively"):
        prepare(config(tmp_path, train=train))


def test_training_and_test_data_may_be_annotated_in_part(tmp_path: Path) -> None:
    found = [declared(document, {"DATE": "some"}) for document in documents(6)]
    whole = [declared(document, {"DATE": "all"}) for document in found[2:4]]
    splits = read_splits(config(tmp_path, train=found[:2], dev=whole, test=found[4:]), SCHEMA)
    assert [document.meta.get("coverage") for part in ("train", "dev", "test") for document in splits[part]] == [
        *[{"DATE": "some"}] * 2,
        *[None] * 2,
        *[{"DATE": "some"}] * 2,
    ]


@pytest.mark.parametrize("part", ["train", "dev", "test"])
def test_a_wrong_statement_in_any_part_is_refused(tmp_path: Path, part: str) -> None:
    found = documents(6)
    parts = {"train": found[:2], "dev": found[2:4], "test": found[4:]}
    parts[part] = [replace(parts[part][0], meta={"coverage": "some"}), *parts[part][1:]]
    with pytest.raises(DataError, match="meta 'coverage' is str; map labels to extents"):
        read_splits(config(tmp_path, **parts), SCHEMA)
