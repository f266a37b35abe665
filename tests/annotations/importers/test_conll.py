"""CoNLL there and back, what is mended or lost on the way, the other formats of an export, and finding strings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations import DataError, Document, Event, Span, load_schema, read_documents, write_documents
from annotations.coverage import coverage
from annotations.export import export
from annotations.formats.standoff import TextSource
from annotations.importers import conll
from annotations.importers.alignment import occurrences
from annotations.importers.base import Imported, Loss
from annotations.importers.conll import NO_BEGIN, NOT_WORDS, OTHER_PART, UNKNOWN, WIDEST, read, write
from annotations.label_studio.results import read_result
from annotations.quantity import Toll
from annotations.text.words import words
from annotations.validate import span_edges
from tests.command_line import run
from tests.tiny import documents

SCHEMA = load_schema()
TEXT = "Gunmen shot four farmers in Gao."
FARMERS = Span("S1", 17, 24, "VICTIM")


def back(tmp_path: Path, content: str, name: str = "given.conll") -> Imported:
    (tmp_path / name).write_text(content, encoding="utf-8", newline="")
    return read(tmp_path / name)


def keys(document: Document) -> list[tuple[Any, ...]]:
    return [(span.start, span.end, span.label, span.type) for span in document.spans]


def mentions(document: Document) -> list[tuple[str, ...]]:
    return [(document.mention(span), *filter(None, (span.label, span.type))) for span in document.spans]


GAPS = st.sampled_from(["", " ", "  ", "\n", "\n\n", "\r\n\r\n", " \n\n\n", "\t", "\u2028", "\u00a0", "\x1c", "\x0b"])
WORDS = [
    "raid",
    "Gao",
    "U.S.",
    "12",
    "1,200",
    "1 200",
    "200",
    "'",
    "-",
    ".",
    "🔥",
    "e\u0301t",
    "هجوم",
    "攻撃",
    "\u200b",
    "O",
    "#",
]


few = settings(max_examples=30)  # each reads a file and the schema anew


@st.composite
def annotated(draw: st.DrawFn, name: str = "d1") -> Document:
    """A document with spans on word edges, none of which overlap, and odd characters and gaps between them."""
    pieces = draw(st.lists(st.tuples(GAPS, st.sampled_from(WORDS)), max_size=10))
    text = "".join(gap + word for gap, word in pieces) + draw(GAPS)
    edges, spans, at = words(text), list[Span](), 0
    while at < len(edges):
        last = draw(st.integers(at, min(at + 2, len(edges) - 1)))
        marked = draw(st.none() | st.sampled_from(SCHEMA.classes))
        if marked:
            spans.append(Span(f"S{len(spans) + 1}", edges[at][0], edges[last][1], *marked))
        at = last + 1
    return Document(name, text, spans)


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


def tags(tmp_path: Path, *given_tags: str) -> tuple[list[tuple[str, ...]], list[Loss]]:
    """The mentions and losses of words a, b, c … with these tags."""
    lines = [f"{word}\t{tag}" for word, tag in zip("abcdefgh", given_tags, strict=False)]
    found = back(tmp_path, "\n".join(["-DOCSTART- d1", *lines]))
    return mentions(found.documents[0]), list(found.losses)


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


FIT = "has offsets that do not fit its word or the one before; write them anew"


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
        f"{path}: document 'd1': stands twice; give it an id of its own",
    ]


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "given.conll").write_bytes("Gaó\tO\n".encode("latin-1"))
    with pytest.raises(DataError) as caught:
        read(tmp_path / "given.conll")
    assert str(caught.value) == f"{tmp_path / 'given.conll'}: is not UTF-8 at byte 2; convert it to UTF-8"


# Tags of other schemes, comments, word numbers


@few
@given(annotated(), st.sampled_from(["ES", "LU"]), st.booleans())
def test_other_schemes_mean_the_same_mentions(tmp_path: Path, document: Document, scheme: str, lower: bool) -> None:
    end, single = scheme
    rows = [line.split("\t") for line in write([document]).split("\n")]
    marks = [row for row in rows if len(row) == 4]
    for row, after in zip(marks, [*marks[1:], ["O"]], strict=False):
        if row[-1] != "O" and not after[-1].startswith("I-"):
            row[-1] = (single if row[-1][0] == "B" else end) + row[-1][1:]
        row[-1] = (row[-1].lower() if lower else row[-1]) + "\t\t"
    found = back(tmp_path, "\n".join("\t".join(row) for row in rows))
    assert keys(found.documents[0]) == keys(document)
    assert found.losses == ()
    assert found.documents[0].meta == {}


@pytest.mark.parametrize(
    ("given_tags", "spans", "mended"),
    [
        (["S-VICTIM", "S-VICTIM"], [("a", "VICTIM"), ("b", "VICTIM")], []),
        (["B-VICTIM", "I-VICTIM", "E-VICTIM", "O"], [("a b c", "VICTIM")], []),
        (["b-victim", "l-victim", "u-toll:killed"], [("a b", "VICTIM"), ("c", "TOLL", "killed")], []),
        (["o", "S-Victim"], [("b", "VICTIM")], []),
        (["E-VICTIM"], [("a", "VICTIM")], [("E-VICTIM", 0)]),
        (["B-VICTIM", "E-VICTIM", "I-VICTIM"], [("a b", "VICTIM"), ("c", "VICTIM")], [("I-VICTIM", 4)]),
        (["S-VICTIM", "E-VICTIM"], [("a", "VICTIM"), ("b", "VICTIM")], [("E-VICTIM", 2)]),
        (["B-VICTIM", "E-TARGET"], [("a", "VICTIM"), ("b", "TARGET")], [("E-TARGET", 2)]),
    ],
)
def test_ends_and_single_words_are_mentions(
    tmp_path: Path, given_tags: list[str], spans: list[tuple[str, ...]], mended: list[tuple[str, int]]
) -> None:
    found, losses = tags(tmp_path, *given_tags)
    assert found == spans
    assert losses == [Loss("d1", "tag", tag, NO_BEGIN, f"offset {start}") for tag, start in mended]


@pytest.mark.parametrize("tag", ["B", "I", "VICTIM", "M-VICTIM", "B_VICTIM", "B-", "0", "-", "_", "B-\t"])
def test_what_is_no_tag_is_refused_with_its_line(tmp_path: Path, tag: str) -> None:
    with pytest.raises(DataError, match=r"given\.conll:3: "):
        tags(tmp_path, "O", tag)


@pytest.mark.parametrize(
    ("lines", "extents"),
    [
        ("Rain B-VICTIM", {}),
        ("Rain I-VICTIM", {}),
        ("Rain B-VICTIM:men", {"VICTIM": "some"}),
        ("Rain b-toll", {"TOLL": "some"}),
        ("Gun\t0\t3\tB-VICTIM\nmen\t3\t6\tO", {"VICTIM": "some"}),
        ("Rain B-PER", dict.fromkeys(SCHEMA.labels, "some")),
        ("Rain B-PER\nGao B-LOCATION", dict.fromkeys(SCHEMA.labels, "some")),
    ],
)
def test_a_document_that_lost_marks_does_not_say_that_all_are_marked(
    tmp_path: Path, lines: str, extents: dict[str, str]
) -> None:
    lost, whole = back(tmp_path, f"-DOCSTART- d1\n{lines}\n-DOCSTART- d2\nSun O\n").documents
    assert coverage(lost, SCHEMA) == {**dict.fromkeys(SCHEMA.labels, "all"), **extents}
    assert whole.meta == {}


NUMBERED = """\
# newdoc id = wire 7
# text = Two men fled to Gao .
1	Two	B-TOLL:killed
2	men	B-VICTIM
3	fled	O
4-5	to_the	_
4	to	O
5	the	O
5.1	nothing	_
6	Gao	S-LOCATION
# the end

# sent_id = 2
1	#	O
2	12	B-TOLL:injured
# newdoc
1	Rain	O
2	fell	O
"""


def test_comments_are_no_words_and_numbers_neither(tmp_path: Path) -> None:
    first, second = back(tmp_path, NUMBERED).documents
    assert (first.id, first.text) == ("wire 7", "Two men fled to_the Gao\n\n# 12")
    assert mentions(first) == [
        ("Two", "TOLL", "killed"), ("men", "VICTIM"), ("Gao", "LOCATION"), ("12", "TOLL", "injured"),
    ]  # fmt: skip
    assert (second.id, second.text) == ("given-16", "Rain fell")


def test_the_ten_columns_of_conll_u_have_the_tag_in_the_last(tmp_path: Path) -> None:
    misc = ["NER=B-VICTIM", "SpaceAfter=No|Entity=I-VICTIM", "_", "S-LOCATION", "SpaceAfter=No"]
    rows = [
        "\t".join([str(n), word, *["lemma", "X", "X", "_", "0", "root", "_"], tag])
        for n, (word, tag) in enumerate(zip("abcde", misc, strict=True), 1)
    ]
    (document,) = back(tmp_path, "\n".join(rows)).documents
    assert mentions(document) == [("a b", "VICTIM"), ("d", "LOCATION")]
    with pytest.raises(DataError, match=r"given\.conll:1: "):
        back(tmp_path, rows[0].replace("NER=B-VICTIM", "_"))


def test_a_word_whose_parts_are_marked_is_marked(tmp_path: Path) -> None:
    content = "1-2\tdel\t_\n1\tde\tO\n2\tel\tB-LOCATION\n3\tx\tO\n4-5\tzz\tO\n4\tz\tB-DATE\n5\tz\tB-TARGET\n"
    found = back(tmp_path, content)
    assert mentions(found.documents[0]) == [("del", "LOCATION"), ("zz", "DATE")]
    assert found.losses == (Loss("given", "tag", "B-TARGET", OTHER_PART, "offset 6"),)
    assert coverage(found.documents[0], SCHEMA)["TARGET"] == "some"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("1 a O\n2 b O\n4 c O\n5 d O", 3),
        ("1 a O\n2 b O\nc O\n4 d O\n5 e O", 3),
        ("1 a O\n2-3 bc O\n2 b O\n\n1 x O\n2 y O", 2),
        ("1 a O\n2 b O\n3-4 cd O\n3 c O", 3),
        ("1 a O\n2 b O\n2.1 c B-VICTIM\n3 d O", 3),
    ],
)
def test_word_numbers_that_do_not_fit_are_told(tmp_path: Path, content: str, line: int) -> None:
    with pytest.raises(DataError) as caught:
        back(tmp_path, content)
    assert [fault.line for fault in caught.value.faults] == [line]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("12 CD O\n7 CD O\n", "12 7"),
        ("1 B-TOLL:killed\n2 O\n3 O\n", "1 2 3"),
        ("# O\nx O\n", "# x"),
        ("#\tO\n#x\tO\n", "# #x"),
        ("# x O y\nx O\n#\n", "x"),
        ("# id = O\nx O\n", "x"),
        ("1\t0\t1\tO\n2\t2\t3\tO\n", "1\n2"),
    ],
)
def test_numbers_and_hashes_that_are_words_stay_words(tmp_path: Path, content: str, text: str) -> None:
    assert [document.text for document in back(tmp_path, content).documents] == [text]


# Size


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (f"{WIDEST + 4}", f"{WIDEST + 8}"),
        ("300000000", "300000004"),
        ("20000000000", "20000000004"),
        (f"{'9' * 5000}1", f"{'9' * 5000}5"),
    ],
    ids=["one too far", "a file's worth", "more than memory", "more than Python reads"],
)
@pytest.mark.parametrize("before", ["", "sun\t0\t3\tO\n"])
def test_an_offset_that_jumps_beyond_the_words_is_refused(tmp_path: Path, start: str, end: str, before: str) -> None:
    with pytest.raises(DataError, match=f"given.conll:{1 + bool(before)}: "):
        back(tmp_path, f"{before}Rain\t{start}\t{end}\tO\n")


def test_the_widest_gap_comes_back_and_a_wider_one_is_not_written(tmp_path: Path) -> None:
    for text in (" " * WIDEST + "Rain.", "Rain" + "\n" * WIDEST + "fell."):
        assert exported("conll", [Document("d1", text)], tmp_path / "all.conll") == []
        assert words(read(tmp_path / "all.conll").documents[0].text) == words(text)
        with pytest.raises(DataError, match="'d1'"):
            exported("conll", [Document("d1", text.replace(" ", "  ", 1).replace("\n", "\n\n", 1))], tmp_path / "x")


def test_the_words_of_a_document_are_looked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(conll, "span_edges", lambda text: looked.append(text) or span_edges(text))
    (document,) = back(tmp_path, "Gunmen B-PERPETRATOR\nfled O\n\n" * 500).documents
    assert len(document.spans) == 500
    assert looked == [document.text]


# Format characters


@pytest.mark.parametrize("mark", ["\u200f", "\u200b", "\u00ad", "\u2060", "\ufeff"])
def test_a_span_that_leaves_out_a_format_character_comes_back(tmp_path: Path, mark: str) -> None:
    document = Document("d1", f"{mark}Gao{mark} fell", [Span("S1", 1, 4, "LOCATION")])
    assert exported("conll", [document], tmp_path / "all.conll") == []
    (other,) = read(tmp_path / "all.conll").documents
    assert (other.text, keys(other)) == (document.text.replace(mark, " "), keys(document))  # no word of the file


def exported(form: str, made: Sequence[Document], target: Path, texts: Path | None = None) -> list[str]:
    return export(form, made, target, SCHEMA, texts)


def test_an_unknown_format_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        exported("jsnl", documents(1), tmp_path / "x")
    assert str(caught.value) == "unknown format 'jsnl'; did you mean 'jsonl'?"
    assert list(tmp_path.iterdir()) == []


def test_json_lines_hold_everything(tmp_path: Path) -> None:
    assert exported("jsonl", documents(4), tmp_path / "all.jsonl") == []
    assert read_documents(tmp_path / "all.jsonl") == documents(4)


def test_standoff_documents_and_their_texts_hold_everything(tmp_path: Path) -> None:
    made = [*documents(3), Document("wire/7 a", "\r\nRain.\r\n🔥")]
    assert exported("standoff", made, tmp_path / "all.jsonl", tmp_path / "texts") == []
    assert made[0].text not in (tmp_path / "all.jsonl").read_text()
    assert read_documents(tmp_path / "all.jsonl", TextSource(tmp_path / "texts")) == made


def test_a_text_that_standoff_documents_cannot_hold_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        exported("standoff", [Document("d1", "Rain.\n")], tmp_path / "all.jsonl", tmp_path / "texts")
    assert str(caught.value) == "document 'd1': ends in white space, which stand-off texts do not keep; strip it"
    assert not (tmp_path / "all.jsonl").exists()


def test_standoff_documents_need_a_folder_for_their_texts(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        exported("standoff", documents(1), tmp_path / "all.jsonl")
    assert str(caught.value) == "stand-off documents need a folder for their texts; give one with --texts-to"


def test_standoff_texts_of_two_documents_never_share_a_file(tmp_path: Path) -> None:
    made = [Document("a/b", "Rain."), Document("a b", "Sun.")]
    with pytest.raises(DataError, match=r"two ids .*; use letters, digits, '-', '_'"):
        exported("standoff", made, tmp_path / "all.jsonl", tmp_path / "texts")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["standoff", "conll"])
def test_two_documents_with_one_id_are_refused_where_one_would_take_the_place_of_the_other(
    tmp_path: Path, form: str
) -> None:
    made = [Document(name, text) for name, text in (("d1", "Rain."), ("d2", "Sun."), ("d1", "Wind."), ("d2", "Fog."))]
    with pytest.raises(DataError) as caught:
        exported(form, made, tmp_path / "all", tmp_path / "texts")
    assert [str(fault) for fault in caught.value.faults] == [
        "document 'd1': is the id of two documents; rename one of them",
        "document 'd2': is the id of two documents; rename one of them",
    ]
    assert list(tmp_path.iterdir()) == []


def test_label_studio_tasks_hold_spans_and_events_as_predictions(tmp_path: Path) -> None:
    assert exported("label-studio", documents(3), tmp_path / "tasks.json") == []
    tasks = json.loads((tmp_path / "tasks.json").read_text())
    found = [read_result(task["data"], task["predictions"][0]["result"], SCHEMA) for task in tasks]
    assert [(one.text, keys(one), len(one.events)) for one in found] == [
        (one.text, keys(one), len(one.events)) for one in documents(3)
    ]


def test_events_that_label_studio_cannot_show_are_told_and_their_spans_are_shown(tmp_path: Path) -> None:
    made = [
        Document(name, TEXT, [FARMERS], [Event(event, "bombing", {"victims": ("S1",)})])
        for name, event in (("d1", "E7"), ("d2", "E1"))
    ]
    assert exported("label-studio", made, tmp_path / "tasks.json") == [
        "2 events have no trigger and cannot be shown, such as d1 E7"
    ]
    for task in json.loads((tmp_path / "tasks.json").read_text()):
        found = read_result(task["data"], task["predictions"][0]["result"], SCHEMA)
        assert (keys(found), found.events) == (keys(made[0]), ())


def test_a_label_that_the_labelling_page_lacks_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"document 'd1': span S1 .*: unknown label 'VICTM'; did you mean 'VICTIM'"):
        exported("label-studio", [Document("d1", TEXT, [replace(FARMERS, label="VICTM")])], tmp_path / "tasks.json")
    assert list(tmp_path.iterdir()) == []


def test_conll_tells_how_many_events_it_does_not_hold(tmp_path: Path) -> None:
    target = tmp_path / "all.conll"
    assert exported("conll", documents(4), target) == [f"CoNLL has no events: 3 are not in {target}"]
    assert target.read_text() == write(documents(4))


def test_conll_tells_how_many_counted_tolls_it_does_not_hold(tmp_path: Path) -> None:
    tolls = {"killed": Toll(4, 4), "injured": Toll(2, None)}
    made = Document("d1", TEXT, [FARMERS], [Event("E1", "bombing", {"victims": ("S1",)}, toll=tolls)])
    notes = exported("conll", [made, replace(made, id="d2")], tmp_path / "all.conll")
    assert [note for note in notes if "tolls: 4 " in note] == notes[1:]


@pytest.mark.parametrize("form", ["jsonl", "standoff"])
def test_tolls_are_in_our_own_formats(form: str, tmp_path: Path) -> None:
    toll = {"killed": Toll(None, 50, True)}
    made = Document("d1", TEXT, [FARMERS], [Event("E1", "bombing", {"victims": ("S1",)}, toll=toll)])
    target = tmp_path / "all.jsonl"
    assert export(form, [made], target, SCHEMA, tmp_path / "texts") == []
    assert read_documents(target, TextSource(tmp_path / "texts")) == [made]


def test_conll_has_nothing_to_tell_where_it_holds_everything(tmp_path: Path) -> None:
    assert exported("conll", [Document("d1", TEXT, [FARMERS])], tmp_path / "all.conll") == []


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        ([Span("S1", 2, 6, "PERPETRATOR")], "span S1 [2:6] 'nmen': starts or ends within a word; mark whole words"),
        ([Span("S1", 0, 3, "PERPETRATOR")], "span S1 [0:3] 'Gun': starts or ends within a word; mark whole words"),
        ([Span("S1", 0, 7, "PERPETRATOR")], "span S1 [0:7] 'Gunmen ': starts or ends with white space; exclude it"),
        (
            [Span("S1", 12, 24, "VICTIM"), Span("S2", 17, 24, "TARGET")],
            "spans S1 [12:24] and S2 [17:24]: overlap; keep one of them",
        ),
    ],
    ids=["begins within a word", "ends within a word", "ends in a blank", "overlaps"],
)
def test_spans_that_conll_cannot_hold_are_told_and_nothing_is_written(
    tmp_path: Path, spans: list[Span], message: str
) -> None:
    made = [Document("d1", TEXT, [FARMERS]), *(Document(name, TEXT, spans) for name in ("d2", "d3"))]
    with pytest.raises(DataError) as caught:
        exported("conll", made, tmp_path / "all.conll")
    assert [str(fault) for fault in caught.value.faults] == [
        f"document 'd2': {message}",
        f"document 'd3': {message}",
    ]
    assert list(tmp_path.iterdir()) == []


def test_conll_tells_that_it_does_not_hold_the_coverage(tmp_path: Path) -> None:
    whole = Document("d2", TEXT, [FARMERS])
    part = replace(whole, id="d1", meta={"coverage": {"DATE": "some"}})
    target = tmp_path / "all.conll"
    (note,) = exported("conll", [part, whole], target)
    assert f"1 documents in {target}" in note


def test_the_commands_bring_spans_to_conll_and_back(tmp_path: Path) -> None:
    write_documents(tmp_path / "mine.jsonl", documents(4))
    out = run("data", "export", "conll", "mine.jsonl", "--to", "mine.conll", cwd=tmp_path)
    assert (out.returncode, out.stdout) == (0, "4 documents written to mine.conll\n")
    assert out.stderr == "warning: CoNLL has no events: 3 are not in mine.conll\n"
    home = run("data", "import", "conll", "mine.conll", "back.jsonl", cwd=tmp_path)
    assert home.returncode == 0, home.stderr
    assert home.stdout.endswith(
        "4 documents written to back.jsonl\n0 losses listed in back.losses.jsonl\n"
    )  # fmt: skip
    assert [(d.id, keys(d)) for d in read_documents(tmp_path / "back.jsonl")] == [(d.id, keys(d)) for d in documents(4)]


def test_the_command_import_shows_counts_and_lists_each_loss(tmp_path: Path) -> None:
    (tmp_path / "odd.conll").write_text("-DOCSTART- d1\na I-DATE\nb B-PER\nc B-DATE\n")
    result = run("data", "import", "conll", "odd.conll", "odd.jsonl", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    rows = [[cell.strip() for cell in line.strip("│ ").split("│")] for line in result.stdout.splitlines()]
    assert ["DATE", "2", "some"] in rows
    assert ["mention", "2"] in rows
    assert ["tag", "", "1", UNKNOWN] in rows
    assert "2 losses listed in odd.losses.jsonl" in result.stdout
    assert [json.loads(line) for line in (tmp_path / "odd.losses.jsonl").read_text().splitlines()] == [
        {"document": "d1", "kind": "tag", "value": "B-PER", "reason": UNKNOWN, "detail": "offset 2"},
        {"document": "d1", "kind": "tag", "value": "I-DATE", "reason": NO_BEGIN, "detail": "offset 0"},
    ]


def test_the_command_import_shows_how_far_the_documents_mark_a_label(tmp_path: Path) -> None:
    (tmp_path / "odd.conll").write_text("-DOCSTART- d1\na B-VICTIM:men\n-DOCSTART- d2\nb B-VICTIM\n")
    result = run("data", "import", "conll", "odd.conll", "odd.jsonl", cwd=tmp_path)
    rows = [[cell.strip() for cell in line.strip("│ ").split("│")] for line in result.stdout.splitlines()]
    assert ["VICTIM", "1", "all in 1, some in 1"] in rows


def test_the_command_import_tells_every_fault_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.conll").write_text("Rain\nsun O\nwind\n")
    result = run("data", "import", "conll", "bad.conll", "bad.jsonl", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        "error: bad.conll:1: has one column; write a word and its tag\n"
        "error: bad.conll:3: has one column; write a word and its tag\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["bad.conll"]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["import", "conl", "."], "unknown source 'conl'; did you mean 'conll'?"),
        (["import", "conll", "gone.conll"], "gone.conll: no such file or folder"),
        (["import", "conll", "."], ".: cannot be read: Is a directory; check the path"),
    ],
)
def test_the_command_import_answers_a_mistake_with_a_message(tmp_path: Path, command: list[str], message: str) -> None:
    result = run("data", *command, "back.jsonl", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (1, f"error: {message}\n")


def test_the_command_export_writes_standoff_documents_and_their_texts(tmp_path: Path) -> None:
    write_documents(tmp_path / "mine.jsonl", documents(2))
    words_ = ["data", "export", "standoff", "mine.jsonl", "--to", "s.jsonl"]
    refused = run(*words_, cwd=tmp_path)
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: stand-off documents need a folder for their texts; give one with --texts")
    result = run(*words_, "--texts-to", "texts", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "2 documents written to s.jsonl\n")
    assert read_documents(tmp_path / "s.jsonl", TextSource(tmp_path / "texts")) == documents(2)


def test_the_command_export_writes_all_files_into_one(tmp_path: Path) -> None:
    for name, found in (("a", documents(4)[:1]), ("b", documents(4)[1:])):
        write_documents(tmp_path / f"{name}.jsonl", found)
    result = run("data", "export", "label-studio", "a.jsonl", "b.jsonl", "--to", "t.json", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "4 documents written to t.json\n")
    tasks = json.loads((tmp_path / "t.json").read_text())
    assert [task["data"]["document"] for task in tasks] == [one.id for one in documents(4)]


def test_the_command_export_answers_an_unknown_format(tmp_path: Path) -> None:
    result = run("data", "export", "conl", "corpus/dev", "--to", "x", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (1, "error: unknown format 'conl'; did you mean 'conll'?\n")


def test_a_place_that_begins_within_a_wrong_one_is_found() -> None:
    assert occurrences("unan an an", "an an") == [(5, 10)]
    assert occurrences("mana ana ana ana ana", "ana ana") == [(5, 12), (13, 20)]


SYLLABLES = st.lists(st.sampled_from(["an", "ana", "aan", "na"]), min_size=1, max_size=8).map(" ".join)


@given(SYLLABLES, SYLLABLES)
def test_every_place_of_whole_words_is_found_from_left_to_right(text: str, wanted: str) -> None:
    expected, at = list[tuple[int, int]](), 0
    edges = words(text)
    for start, _ in edges:
        end = start + len(wanted)
        if start >= at and text[start:end] == wanted and end in {last for _, last in edges}:
            expected.append((start, end))
            at = end
    assert occurrences(text, wanted) == expected
