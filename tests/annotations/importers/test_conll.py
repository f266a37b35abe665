"""CoNLL: the round trip, and what is repaired or lost when it is read."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import DataError, Document, Span, read_documents
from annotations.importers.base import Imported, Loss
from annotations.importers.conll import NO_BEGIN, NOT_WORDS, UNKNOWN, read, write
from annotations.text.words import words
from tests.annotations.importers.conll import (
    FARMERS,
    SCHEMA,
    TEXT,
    annotated,
    back,
    exported,
    few,
    keys,
    mentions,
    tags,
)


@few
@given(annotated())
def test_offsets_words_and_spans_survive_the_round_trip(tmp_path: Path, document: Document) -> None:
    found = back(tmp_path, write([document]))
    (other,) = found.documents
    edges = words(document.text)
    assert words(other.text) == edges
    assert [other.text[a:b] for a, b in edges] == [document.text[a:b] for a, b in edges]
    assert keys(other) == keys(document)
    assert found.losses == ()


@few
@given(annotated())
def test_the_text_comes_back_but_for_the_kind_of_blanks_and_those_at_its_end(
    tmp_path: Path, document: Document
) -> None:
    (other,) = back(tmp_path, write([document])).documents
    inside = {at for start, end in words(document.text) for at in range(start, end)}
    assert len(other.text) == max(inside, default=-1) + 1
    assert all(c == document.text[i] if i in inside else c in " \n" for i, c in enumerate(other.text))


@few
@given(st.lists(annotated(), max_size=3))
def test_documents_stay_apart_and_in_order(tmp_path: Path, made: list[Document]) -> None:
    made = [replace(document, id=f"d{number} of {len(made)}") for number, document in enumerate(made)]
    found = back(tmp_path, write(made)).documents
    assert [(one.id, keys(one)) for one in found] == [(one.id, keys(one)) for one in made]


def test_the_spans_of_the_corpus_survive_the_round_trip(tmp_path: Path) -> None:
    corpus = read_documents("corpus/dev")
    found = back(tmp_path, write(corpus))
    assert [(one.id, keys(one)) for one in found.documents] == [(one.id, keys(one)) for one in corpus]
    assert found.losses == ()


def test_paragraphs_stay_apart(tmp_path: Path) -> None:
    content = write([Document("d1", "Rain fell.\n\nThen\nsun.")])
    assert ".\t9\t10\tO\n\nThen\t12\t16\tO\nsun" in content
    (document,) = back(tmp_path, content).documents
    assert document.text == "Rain fell.\n\nThen sun."


def test_the_first_and_last_column_are_words_and_bio_tags() -> None:
    document = Document("d1", TEXT, [Span("S1", 7, 11, "ATTACK", "bombing"), Span("S2", 12, 24, "VICTIM")])
    start, *rows = [line.split("\t") for line in write([document]).split("\n") if "\t" in line]
    assert start == ["-DOCSTART-", "d1"]
    assert [(row[0], row[-1]) for row in rows] == [
        ("Gunmen", "O"), ("shot", "B-ATTACK:bombing"), ("four", "B-VICTIM"), ("farmers", "I-VICTIM"),
        ("in", "O"), ("Gao", "O"), (".", "O"),
    ]  # fmt: skip
    assert all(TEXT[int(start) : int(end)] == word for word, start, end, _ in rows)


def test_spans_of_one_label_that_touch_stay_two(tmp_path: Path) -> None:
    document = Document("d1", TEXT, [FARMERS, Span("S2", 12, 16, "VICTIM")])
    (other,) = back(tmp_path, write([document])).documents
    assert keys(other) == [(12, 16, "VICTIM", None), (17, 24, "VICTIM", None)]


def test_each_trigger_becomes_an_event(tmp_path: Path) -> None:
    shot, raid = Span("S1", 7, 11, "ATTACK", "armed_assault"), Span("S2", 25, 27, "ATTACK", "bombing")
    (document,) = back(tmp_path, write([Document("d1", TEXT, [shot, raid, Span("S3", 17, 24, "VICTIM")])])).documents
    told = [(e.id, e.attack_type, [document.mention(document.span(i)) for i in e.span_ids]) for e in document.events]
    assert told == [("E1", "armed_assault", ["shot"]), ("E2", "bombing", ["in"])]
    assert list(SCHEMA.faults(document)) == []


def test_mentions_are_counted(tmp_path: Path) -> None:
    made = [Document("d1", TEXT, [FARMERS]), Document("d2", TEXT, [replace(FARMERS, id="S1")])]
    assert back(tmp_path, write(made)).aligned == {"mention": 2}


def test_words_without_offsets_are_joined_by_a_blank_and_paragraphs_by_an_empty_line(tmp_path: Path) -> None:
    content = "Gunmen NNS B-PERPETRATOR\nfled VBD O\n\n\nTwo CD B-TOLL:killed\ndied VBD O\n"
    (document,) = back(tmp_path, content).documents
    assert document.text == "Gunmen fled\n\nTwo died"
    assert mentions(document) == [("Gunmen", "PERPETRATOR"), ("Two", "TOLL", "killed")]


def test_four_columns_that_are_no_offsets_are_read_by_the_first_and_last(tmp_path: Path) -> None:
    (document,) = back(tmp_path, "Gao NNP B-NP B-LOCATION\nfell VBD B-VP O\n").documents
    assert (document.text, mentions(document)) == ("Gao fell", [("Gao", "LOCATION")])


def test_words_with_a_blank_in_them_are_read_where_columns_are_parted_by_tabs(tmp_path: Path) -> None:
    (document,) = back(tmp_path, "1 200\tB-TOLL:killed\ndied\tO\n").documents
    assert mentions(document) == [("1 200", "TOLL", "killed")]


def test_lines_that_end_in_crlf_are_read(tmp_path: Path) -> None:
    content = write([Document("d1", TEXT, [FARMERS])])
    assert back(tmp_path, content.replace("\n", "\r\n")) == back(tmp_path, content)


def test_documents_without_a_name_are_called_after_the_file_and_their_line(tmp_path: Path) -> None:
    content = "rain O\n-DOCSTART- O\n\nsun O\n-DOCSTART-\nwind O\n"
    assert [document.id for document in back(tmp_path, content).documents] == ["given", "given-2", "given-5"]


def test_an_empty_file_holds_no_document(tmp_path: Path) -> None:
    assert back(tmp_path, "\n\n") == Imported((), (), {"mention": 0})


@pytest.mark.parametrize("name", ["Oslo", "d-O", "wire 7 a", " d1 ", "-X- -X- O", "-DOCSTART-", "é\u2028#"])
def test_ids_survive_the_round_trip(tmp_path: Path, name: str) -> None:
    assert [document.id for document in back(tmp_path, write([Document(name, "Rain.")])).documents] == [name]


@pytest.mark.parametrize("name", ["O", "d\t1", "d1\n", "d1\r"])
def test_an_id_that_conll_cannot_hold_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError):
        exported("conll", [Document(name, "Rain.")], tmp_path / "all.conll")


def test_the_start_lines_of_conll_2003_name_no_document(tmp_path: Path) -> None:
    content = "-DOCSTART- -X- -X- O\n\nRain NN B-NP O\n\n-DOCSTART- -X- -X- O\n\nSun NN B-NP O\n"
    assert [document.id for document in back(tmp_path, content).documents] == ["given-1", "given-5"]
    tabbed = content.replace(" ", "\t")
    assert back(tmp_path, tabbed) == back(tmp_path, content)


def test_a_byte_order_mark_is_left_out(tmp_path: Path) -> None:
    content = write([Document("d1", TEXT, [FARMERS])])
    assert back(tmp_path, "\ufeff" + content) == back(tmp_path, content)


@pytest.mark.parametrize("gap", ["\n", "\t", "\r\n", "\u2028"])
def test_numbers_in_neighbouring_lines_or_cells_stay_two(tmp_path: Path, gap: str) -> None:
    start = 1 + len(gap)
    spans = [Span("S1", 0, 1, "TOLL", "killed"), Span("S2", start, start + 3, "TOLL", "injured")]
    (other,) = back(tmp_path, write([Document("d1", f"1{gap}200", spans)])).documents
    assert keys(other) == keys(Document("d1", f"1{gap}200", spans))
    assert other.text == f"1{chr(10) * len(gap)}200"


@pytest.mark.parametrize("number", ["½", "Ⅻ"])
def test_numbers_that_are_no_digits_stay_apart_from_the_next(tmp_path: Path, number: str) -> None:
    document = Document("d1", f"{number}\n200", [Span("S1", 0, 1, "TOLL", "killed")])
    (other,) = back(tmp_path, write([document])).documents
    assert keys(other) == keys(document)


@pytest.mark.parametrize(
    ("given_tags", "spans", "mended"),
    [
        (["B-VICTIM", "I-VICTIM", "O"], [("a b", "VICTIM")], []),
        (["B-VICTIM", "B-VICTIM"], [("a", "VICTIM"), ("b", "VICTIM")], []),
        (["I-VICTIM", "I-VICTIM"], [("a b", "VICTIM")], [("I-VICTIM", 0)]),
        (["O", "I-VICTIM"], [("b", "VICTIM")], [("I-VICTIM", 2)]),
        (["B-VICTIM", "O", "I-VICTIM"], [("a", "VICTIM"), ("c", "VICTIM")], [("I-VICTIM", 4)]),
        (["B-VICTIM", "I-TARGET"], [("a", "VICTIM"), ("b", "TARGET")], [("I-TARGET", 2)]),
        (
            ["B-TOLL:killed", "I-TOLL:injured"],
            [("a", "TOLL", "killed"), ("b", "TOLL", "injured")],
            [("I-TOLL:injured", 2)],
        ),
    ],
)
def test_a_mention_that_goes_on_without_a_beginning_begins_there_and_is_told(
    tmp_path: Path, given_tags: list[str], spans: list[tuple[str, ...]], mended: list[tuple[str, int]]
) -> None:
    found, losses = tags(tmp_path, *given_tags)
    assert found == spans
    assert losses == [Loss("d1", "tag", tag, NO_BEGIN, f"offset {start}") for tag, start in mended]


@few
@given(st.lists(st.sampled_from(["O", "B-VICTIM", "I-VICTIM", "I-TARGET"]), min_size=1, max_size=8))
def test_every_tagged_word_is_in_a_mention_of_its_label(tmp_path: Path, given_tags: list[str]) -> None:
    found, losses = tags(tmp_path, *given_tags)
    labelled = [(word, label) for mention, label in found for word in mention.split()]
    assert labelled == [(w, t[2:]) for w, t in zip("abcdefgh", given_tags, strict=False) if t != "O"]
    begun = ["O", *given_tags]
    assert len(losses) == sum(tag[0] == "I" and before[2:] != tag[2:] for before, tag in pairwise(begun))


@pytest.mark.parametrize("tag", ["B-PER", "U-PER", "B-VICTIM:men", "B-TOLL", "E-toll:dead"])
def test_a_tag_that_is_not_of_the_schema_is_told_and_marks_nothing(tmp_path: Path, tag: str) -> None:
    assert tags(tmp_path, "O", tag) == ([], [Loss("d1", "tag", tag, UNKNOWN, "offset 2")])


def test_an_unknown_tag_ends_a_mention(tmp_path: Path) -> None:
    found, losses = tags(tmp_path, "B-VICTIM", "I-PER", "I-VICTIM")
    assert found == [("a", "VICTIM"), ("c", "VICTIM")]
    assert [(loss.value, loss.reason) for loss in losses] == [("I-PER", UNKNOWN), ("I-VICTIM", NO_BEGIN)]


@pytest.mark.parametrize(
    ("lines", "mention"),
    [
        (["Gun\t0\t3\tB-VICTIM", "men\t3\t6\tO"], "Gun"),
        (["Gun\t0\t3\tO", "men\t3\t6\tB-VICTIM"], "men"),
    ],
)
def test_a_mention_that_is_not_whole_words_is_told_and_not_marked(
    tmp_path: Path, lines: list[str], mention: str
) -> None:
    found = back(tmp_path, "\n".join(["-DOCSTART- d1", *lines]))
    assert found.documents[0].spans == ()
    assert found.losses == (Loss("d1", "mention", mention, NOT_WORDS),)
    assert found.aligned == {"mention": 0}


def test_losses_are_counted_by_kind_and_reason(tmp_path: Path) -> None:
    found = back(tmp_path, "a I-DATE\nb B-PER\nc B-LOC\n")
    assert found.reasons == {("tag", UNKNOWN): 2, ("tag", NO_BEGIN): 1}


FIT = "has offsets that do not fit its word or the previous one; correct them"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Rain", "has one column; write a word and its tag"),
        ("\tO", "has one column; write a word and its tag"),
        ("Rain\t3\t7\tO", FIT),
        ("Rain\t10\t13\tO", FIT),
        ("Rain\t10\t15\tO", FIT),
    ],
    ids=["one column", "no word", "an offset that falls", "too short", "too long"],
)
def test_a_line_that_cannot_be_read_is_told_with_its_number(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        back(tmp_path, f"-DOCSTART- d1\n\nThere\t0\t5\tO\n{line}\n")
    assert str(caught.value) == f"{tmp_path / 'given.conll'}:4: {message}"


def test_every_line_and_document_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        back(tmp_path, "-DOCSTART- d1\nRain\nsun\tO\nwind\n-DOCSTART- d1\nRain\t0\t3\tO\n")
    path = tmp_path / "given.conll"
    assert str(caught.value).split("\n") == [
        f"{path}:2: has one column; write a word and its tag",
        f"{path}:4: has one column; write a word and its tag",
        f"{path}:6: {FIT}",
        f"{path}: document 'd1': is the id of two documents; rename one of them",
    ]


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "given.conll").write_bytes("Gaó\tO\n".encode("latin-1"))
    with pytest.raises(DataError) as caught:
        read(tmp_path / "given.conll")
    assert str(caught.value) == f"{tmp_path / 'given.conll'}: is not UTF-8 at byte 2; convert it to UTF-8"
