"""Variants of training documents."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import Document, Span, load_schema, read_documents
from annotations.validate import span_faults
from training.fit.variants import Edit, edited, variants

SCHEMA = load_schema()
TEXT = "Gunmen killed two men in Gao."
DOCUMENT = Document("d1", TEXT, [Span("S1", 0, 6, "PERPETRATOR"), Span("S2", 14, 17, "TOLL", "killed")])


@pytest.mark.parametrize(
    ("edits", "text", "mentions"),
    [
        ([], TEXT, ["Gunmen", "two"]),
        ([Edit(14, 17, "2")], "Gunmen killed 2 men in Gao.", ["Gunmen", "2"]),
        ([Edit(0, 0, "KESRA - ")], f"KESRA - {TEXT}", ["Gunmen", "two"]),
        ([Edit(0, 6, "Masked men")], "Masked men killed two men in Gao.", ["Masked men", "two"]),
        ([Edit(4, 10, "x"), Edit(25, 28, "Ndoro")], "Gunmen killed two men in Ndoro.", ["Gunmen", "two"]),
        ([Edit(6, 6, ",")], "Gunmen, killed two men in Gao.", ["Gunmen", "two"]),
        ([Edit(25, 28, "A"), Edit(26, 27, "B")], "Gunmen killed two men in A.", ["Gunmen", "two"]),
    ],
    ids=["none", "within", "in front", "whole", "cuts a span", "after a span", "overlap"],
)
def test_edits_move_spans(edits: list[Edit], text: str, mentions: list[str]) -> None:
    made = edited(DOCUMENT, edits)
    assert made.text == text
    assert [made.mention(span) for span in made.spans] == mentions


@given(st.lists(st.tuples(st.integers(0, 29), st.integers(0, 8), st.text("xy ", max_size=4)), max_size=5))
def test_any_edits_leave_spans_of_the_same_labels_within_the_text(drawn: list[tuple[int, int, str]]) -> None:
    made = edited(DOCUMENT, [Edit(at, min(29, at + width), text) for at, width, text in drawn])
    assert [span.label for span in made.spans] == ["PERPETRATOR", "TOLL"]
    assert all(0 <= span.start < span.end <= len(made.text) for span in made.spans)


def test_variants_of_the_corpus_are_sound_the_same_for_a_seed_and_differ_from_their_origin() -> None:
    documents = read_documents("corpus/train")[:120]
    made = list(variants(documents, SCHEMA, 2, seed=5))
    assert [one.id for one in made[:1] + made[-1:]] == [f"{documents[0].id}~1", f"{documents[-1].id}~2"]
    assert made == list(variants(documents, SCHEMA, 2, seed=5)) != list(variants(documents, SCHEMA, 2, seed=6))
    assert not [fault for one in made for fault in span_faults(one)]
    assert sum(one.text != origin.text for one, origin in zip(made, documents * 2, strict=True)) > 150
    texts = " ".join(one.text for one in made)
    assert "(Wire) -- " in texts
    tolls = [one.mention(span) for one in made for span in one.spans if span.label == "TOLL"]
    assert {"2", "3", "two"} <= set(tolls)
