"""Predicting with a model folder: offsets, order, hostile input, backends."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel

from annotations import DataError
from annotations.text.reading import Reading, read
from annotations.text.words import words
from inference import Model, Prediction
from inference.backends import OnnxBackend
from inference.encoding import subwords
from inference.encoding.subwords import split
from inference.events import linking
from inference.inputs import read_inputs

CHARACTERS = st.characters(exclude_categories=["Cs"])
PIECES = st.sampled_from(
    [
        *("Gunmen ", "opened fire ", "in the market", ". ", "12 ", "5,000", "group's ", "[SEP]", "[CLS]", "##a"),
        *("<script>", "\r\n", "\n\n", "e\u0301"),
        *"\r\t\x00\x07\x85\u2028\u00a0\u200b\u200d\ufeff\u202e\u0301éßİﬁⅫ😀",
        *("👩\u200d🚒", "🇺🇳", "سوق", "市场", "𝔤𝔲𝔫"),
    ]
)
TEXTS = st.text(CHARACTERS, max_size=40) | st.lists(PIECES, max_size=25).map("".join)
ARTICLE = (
    "Gunmen opened fire at a market in Ndoro on Friday, killing at least 12 traders and wounding dozens.\r\n\r\n"
    "“We ran,” said a trader. The attack was the second in Kesra’s district since May; rebels denied it. 😀\n"
) * 3


@pytest.fixture(scope="module")
def model(tiny_model_folder: Path) -> Model:
    return Model(tiny_model_folder)


def outline(prediction: Prediction) -> list[tuple[int, int, str, str | None]]:
    """Offsets, label and type of each span."""
    return [(span.start, span.end, span.label, span.type) for span in prediction.spans]


def assert_same(one: Prediction, other: Prediction) -> None:
    """Compare two predictions; scores may differ by the rounding of floats."""
    assert outline(one) == outline(other)
    assert [span.score for span in one.spans] == pytest.approx([span.score for span in other.spans], abs=1e-3)
    assert [event.to_event().span_ids for event in one.events] == [event.to_event().span_ids for event in other.events]


def assert_sound(prediction: Prediction, text: str) -> None:
    """Check what is promised of any prediction."""
    assert prediction.text == text
    starts, ends = {start for start, _ in words(text)}, {end for _, end in words(text)}
    before = 0
    for number, span in enumerate(prediction.spans, start=1):
        assert span.id == f"S{number}"
        assert before <= span.start < span.end
        assert text[span.start : span.end] == span.text
        assert span.start in starts
        assert span.end in ends
        assert 0 < span.score <= 1
        before = span.end


def test_spans_and_events_are_found_in_an_article(model: Model):
    prediction = model.predict(ARTICLE)
    assert_sound(prediction, ARTICLE)
    assert len(prediction.spans) > 20
    assert len(prediction.events) > 1
    assert prediction.windows > 3
    assert prediction.model == "tiny"


@given(text=TEXTS)
@example(text="\ufeffGunmen\r\nopened fire")
@example(text="a\u0301" * 100)
def test_spans_of_any_text_are_exact_apart_and_whole_words(model: Model, text: str):
    assert_sound(model.predict([text])[0], text)


@given(text=TEXTS)
def test_prediction_of_any_text_can_be_written(model: Model, text: str):
    (prediction,) = model.predict([text])
    assert json.loads(prediction.to_json()) == prediction.to_dict()
    assert prediction.to_html().count("<mark") == len(prediction.spans)
    assert len(repr(prediction).split("\n")) >= 1 + len(prediction.events)


@given(texts=st.lists(TEXTS, max_size=5))
def test_predicting_a_list_equals_predicting_singly(model: Model, texts: list[str]):
    together = model.predict(texts)
    assert len(together) == len(texts)
    for text, prediction in zip(texts, together, strict=True):
        assert_sound(prediction, text)
        (alone,) = model.predict([text])  # a single string could be the path of a file
        assert_same(prediction, alone)


def test_logits_are_those_between_the_special_tokens(model: Model):
    text = "Gunmen opened fire."
    ids = np.array([model.tokenizer.encode(text).ids])
    whole = OnnxBackend(model.folder)(ids, np.ones_like(ids))[0]
    ((pieces, logits),) = model.logits([text])
    assert list(pieces.ids) == ids[0, 1:-1].tolist()
    assert logits == pytest.approx(whole[1:-1], abs=1e-4)


@given(text=st.text("ab é😀\n.1", max_size=30))
@example(text="b a  a\n a")
def test_words_are_tied_to_subwords_that_count_the_blank_in_front(text: str):
    alphabet = [*sorted(ByteLevel.alphabet()), "Ġa", "Ġb"]
    vocabulary = {token: number for number, token in enumerate(alphabet)}
    tokenizer = Tokenizer(BPE(vocabulary, [("Ġ", "a"), ("Ġ", "b")]))
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False, trim_offsets=False)
    pieces = split(tokenizer, text)
    reading = read(text)
    offsets = tokenizer.encode(reading.text).offsets
    assert [tuple(word) for word in pieces.words.tolist()] == words(text)
    for word, first in zip(pieces.words.tolist(), pieces.first, strict=True):
        start, _ = reading.find(*word)
        assert offsets[first][0] <= start < offsets[first][1]
        assert not reading.text[offsets[first][0] : start].strip()


def test_spans_alone_are_those_of_a_prediction_and_those_of_the_logits(model: Model):
    texts = [ARTICLE, "", ARTICLE * 20]
    found = model.find_spans(texts)
    assert found == [prediction.spans for prediction in model.predict(texts)]
    assert found == [model.decode(text, *output) for text, output in zip(texts, model.logits(texts), strict=True)]
    assert found[0]


def test_a_text_is_read_once(model: Model, monkeypatch: pytest.MonkeyPatch):
    seen: list[str] = []

    def counting(text: str) -> Reading:
        seen.append(text)
        return read(text)

    monkeypatch.setattr(subwords, "read", counting)
    monkeypatch.setattr(linking, "read", counting)
    assert model.predict(ARTICLE).events
    assert seen == [ARTICLE]


def test_predicting_twice_gives_the_same(model: Model):
    assert model.predict(ARTICLE) == model.predict(ARTICLE)


@pytest.mark.parametrize("text", ["", " \r\n\t", "\x00\x01"])
def test_text_without_words_has_no_spans_and_no_windows(model: Model, text: str):
    prediction = model.predict(text)
    assert (list(prediction.spans), list(prediction.events), prediction.windows) == ([], [], 0)


def test_no_texts_give_no_predictions(model: Model):
    assert model.predict([]) == []


def test_word_of_100_000_letters(model: Model):
    text = "gunmen fired " + "a" * 100_000 + " in the market"
    prediction = model.predict(text)
    assert_sound(prediction, text)
    assert prediction.spans


def test_number_and_signs_of_many_letters(model: Model):
    for text in ("9" * 20_000, "~" * 3_000 + "5", "9 " * 3_000, "-" * 3_000):
        assert_sound(model.predict(text), text)


def test_text_without_full_stops(model: Model):
    text = "gunmen fired at the market " * 800
    prediction = model.predict(text)
    assert_sound(prediction, text)
    assert prediction.events


def test_long_text_is_read_to_its_end(model: Model):
    text = ARTICLE * 35
    prediction = model.predict(text)
    assert len(text) > 20_000
    assert_sound(prediction, text)
    assert prediction.spans[-1].start > len(text) - 100


@pytest.mark.integration  # takes seconds
def test_text_of_a_megabyte_is_cut_into_windows_without_loss(model: Model):
    text = ARTICLE * 1650
    ((pieces, logits),) = model.logits([text])
    assert len(text) > 1_000_000
    assert [tuple(word) for word in pieces.words.tolist()] == words(text)
    assert logits.shape == (len(pieces.words), len(model.schema.tags))


@pytest.mark.parametrize(("text", "offset"), [("\ud800", 0), ("fire\udfff!", 4), ("😀 \ude00", 2)])
def test_half_of_a_surrogate_pair_is_refused_with_its_offset(model: Model, text: str, offset: int):
    with pytest.raises(ValueError, match=f"text has half of a surrogate pair at offset {offset}"):
        model.predict(text)


def test_text_of_a_list_that_is_refused_is_named(model: Model):
    with pytest.raises(ValueError, match=r"text\[1\] has half of a surrogate pair at offset 2"):
        model.predict(["fine", "so\ud800"])


@pytest.mark.parametrize("wrong", [None, 12, b"Gunmen", bytearray(b"Gunmen"), {"text": "Gunmen"}, {"Gunmen"}])
def test_what_is_no_string_is_refused(model: Model, wrong: object):
    with pytest.raises(
        TypeError, match=f"predict takes a string or an iterable of strings, got {type(wrong).__name__}"
    ):
        model.predict(wrong)  # type: ignore[call-overload]


@pytest.mark.parametrize("wrong", [None, 12, b"Gunmen", ["Gunmen"]])
def test_what_is_no_string_in_a_list_is_refused(model: Model, wrong: object):
    with pytest.raises(TypeError, match=rf"text\[1\] is {type(wrong).__name__}, not a string"):
        model.predict(["Gunmen", wrong])  # type: ignore[list-item]


def test_torch_and_onnx_agree(model: Model, tiny_model_folder: Path):
    torch = Model(tiny_model_folder, backend="torch")
    for text in (ARTICLE, "Rebels abducted seven nurses.", "😀 e\u0301 \x00 fire"):
        assert_same(torch.predict(text), model.predict(text))


# What a user names on the command line


def test_inputs_of_every_kind_are_read(tmp_path: Path):
    (tmp_path / "many" / "deep").mkdir(parents=True)
    (tmp_path / "many" / "deep" / "b.txt").write_bytes("Ndoro é\r\n".encode())
    (tmp_path / "many" / "a.txt").write_text("one", encoding="utf-8")
    (tmp_path / "many" / "skipped.pdf").write_text("no", encoding="utf-8")
    (tmp_path / "lines.jsonl").write_text('{"id": "x", "text": "two"}\n\n{"text": "three\\u2028"}\n', encoding="utf-8")
    (tmp_path / "note.md").write_text("four", encoding="utf-8")
    found = list(read_inputs(["many", "lines.jsonl", "note.md", "-", "Gunmen fired."], io.BytesIO(b"five")))
    assert found == [
        (str(Path("many/a.txt")), "one"),
        (str(Path("many/deep/b.txt")), "Ndoro é\r\n"),
        ("x", "two"),
        ("lines.jsonl:3", "three\u2028"),
        ("note.md", "four"),
        ("stdin", "five"),
        ("text", "Gunmen fired."),
    ]


def test_very_long_text_is_taken_for_text():
    text = "Gunmen fired. " * 1000
    assert list(read_inputs([text], io.BytesIO())) == [("text", text)]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("absent.txt", None, "absent.txt: no such file"),
        ("bad.txt", b"fire \xff", "bad.txt: is not UTF-8 at byte 5"),
        ("bad.jsonl", b'{"text": "one"}\n{"words": "two"}\n', "bad.jsonl:2: .*'text'"),
        ("list.jsonl", b"[1]\n", "list.jsonl:1: is list"),
    ],
)
def test_input_that_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes | None, message: str):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        list(read_inputs([name], io.BytesIO()))


def test_folder_without_texts_is_refused(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"^empty: "):
        list(read_inputs(["empty"], io.BytesIO()))


def test_events_below_a_score_are_left_out_and_their_spans_stay(model: Model):
    text = "Gunmen opened fire at a market in Ndoro, and a bomb exploded."
    every = model.predict(text)
    scores = sorted(event.score for event in every.events)
    kept = model.predict(text, min_event_score=scores[-1])
    assert [event.score for event in kept.events] == [score for score in scores if score == scores[-1]]
    assert kept.spans == every.spans


@pytest.mark.parametrize("number", [2, -0.1, float("nan"), True, "0.5"])
def test_a_least_event_score_that_is_none_is_refused(number: object, tiny_model_folder: Path) -> None:
    with pytest.raises(ValueError, match="min_event_score"):
        Model(tiny_model_folder).predict("Gunmen struck.", min_event_score=number)  # type: ignore[arg-type]
