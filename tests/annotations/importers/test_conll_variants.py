"""CoNLL with tags of other schemes, comments, word numbers and wide gaps."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import DataError, Document, Span
from annotations.coverage import coverage
from annotations.importers import conll
from annotations.importers.base import Loss
from annotations.importers.conll import NO_BEGIN, OTHER_PART, WIDEST, read, write
from annotations.text.words import words
from annotations.validate import span_edges
from tests.annotations.importers.conll import (
    SCHEMA,
    annotated,
    back,
    exported,
    few,
    keys,
    mentions,
    tags,
)


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
