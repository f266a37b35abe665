"""The data report: what it counts, what it finds, and its page."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tokenizers import Tokenizer

from annotations import DataError, Document, Span, load_schema, write_documents
from annotations.agreement.disagreements import BOUNDARY, LABEL, MISSING, disagreements
from annotations.formats.inline import parse
from inference.prediction import PredictedSpan
from tests.helpers import run
from tests.tiny import config as tiny_config
from tests.tiny import documents, encoder
from training.config import TrainConfig
from training.curation.data_report import FEW_EXAMPLES, report
from training.curation.label_errors import Suspect, suspects
from training.curation.missing_mentions import COUNTED_NOUN, unfinished
from training.reports.data_plots import data_page

SCHEMA = load_schema()


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return Tokenizer.from_file(str(encoder(tmp_path_factory.mktemp("encoder") / "e") / "tokenizer.json"))


def marked(name: str, text: str, event: str = "E1: armed_assault") -> Document:
    return parse(f"id: {name}\n---\n{text}\n---\n{event}\n", SCHEMA)


def spans(found: Sequence[Document]) -> list[Span]:
    return [span for document in found for span in document.spans]


def test_parts_are_counted_and_compared(tokenizer: Tokenizer) -> None:
    found = documents(12)
    made = report({"train": found[:8], "test": found[8:]}, SCHEMA, tokenizer, window=64, overlap=16)
    counts = {part.name: (part.stats.documents, part.stats.spans) for part in made.parts}
    assert counts == {"train": (8, len(spans(found[:8]))), "test": (4, len(spans(found[8:])))}
    assert made.parts[0].spans.most == 8
    assert made.few["ATTACK:bombing"] == sum(span.type == "bombing" for span in spans(found[:8]))
    assert all(number < FEW_EXAMPLES for number in made.few.values())
    (overlap,) = made.overlaps
    assert overlap.mentions["WEAPON"] == (1.0, 1)
    assert overlap.actors == ["Gunmen", "Rebels"]
    assert made.faults == []
    assert [losses.count for losses in made.losses.values()] == [0, 0]
    assert json.loads(json.dumps(made.to_dict()))["suspects"] is None


def test_near_duplicates_are_named_within_and_across_parts(tokenizer: Tokenizer) -> None:
    first, second, third = documents(3)
    copy = replace(first, id="copy")
    again = replace(second, id="again", text=second.text + " And more.")
    made = report({"a": [first, second, again], "b": [third, copy]}, SCHEMA, tokenizer)
    assert [pair[:4] for pair in made.duplicates] == [("a", "d000", "b", "copy"), ("a", "d001", "a", "again")]
    summary = {name: number for name, number, _ in made.summary()}
    assert (summary["near-duplicates within a part"], summary["near-duplicates across parts"]) == (1, 1)


def test_spans_that_a_window_cannot_hold_and_cut_words_are_told(tokenizer: Tokenizer) -> None:
    long = Span("S1", 0, len("gunmen " * 57) - 1, "PERPETRATOR")
    document = Document("d1", "gunmen " * 60 + "shot.", [long, Span("S2", 421, 423, "VICTIM")])
    made = report({"a": [document]}, SCHEMA, tokenizer, window=32, overlap=8)
    assert made.losses["a"].cut == [("d1", "S1")]
    assert made.losses["a"].unaligned == [("d1", "S2")]
    assert "within a word" in str(made.faults[0])


def test_a_known_actor_and_a_counted_noun_without_a_mark_look_unfinished() -> None:
    texts = [
        f"The {{Lumo Front|PERPETRATOR|E1}} {{shot|ATTACK|E1}} {{{number}|TOLL:killed|E1}} {{farmers|VICTIM|E1}}."
        for number in ("two", "three", "four")[:COUNTED_NOUN]
    ]
    known = [marked(f"d{number}", text) for number, text in enumerate(texts)]
    doubtful = marked(
        "x", "The Lumo Front {raided|ATTACK|E1} a mill. It {shot|ATTACK|E1} nine farmers. Ten farmers fled."
    )
    found = unfinished([*known, doubtful], SCHEMA)
    assert [(one.document, one.words, one.reason) for one in found] == [
        ("x", "Lumo Front", "an actor in 3 documents"),
        ("x", "nine", "a number before 'farmers', which follows 3 tolls"),
    ]
    partly = replace(doubtful, meta={"coverage": {"TOLL": "some"}})
    assert unfinished([*known, partly], SCHEMA) == []
    assert unfinished([partly], SCHEMA) is None


def test_suspects_are_where_a_model_that_did_not_learn_the_document_is_sure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TrainConfig.model_validate(tiny_config(tmp_path))
    right = {document.id: document for document in documents(12)}
    spoiled = [replace(d, spans=d.spans[:3], events=[]) if d.id == "d004" else d for d in right.values()]
    learned: list[set[str]] = []

    def fitted(_config: TrainConfig, train: Sequence[Document], dev: Sequence[Document]) -> Any:
        learned.append({document.id for document in (*train, *dev)})
        return SimpleNamespace(schema=SCHEMA)

    def predicted(_tagger: Any, held_out: Sequence[Document]) -> list[list[PredictedSpan]]:
        assert not learned[-1] & {document.id for document in held_out}
        assert len(learned[-1]) + len(held_out) == 12
        return [
            [
                PredictedSpan(s.id, s.start, s.end, right[d.id].mention(s), s.label, s.type, 0.95 if n % 2 else 0.5)
                for n, s in enumerate(right[d.id].spans)
            ]
            for d in held_out
        ]

    monkeypatch.setattr("training.curation.label_errors.fitted_tagger", fitted)
    monkeypatch.setattr("training.curation.label_errors.predicted_spans", predicted)
    done: list[int] = []
    found = suspects(config, spoiled, 3, done.append)
    assert done == [1, 2, 3]
    sure = [span for number, span in enumerate(right["d004"].spans) if number % 2 and number >= 3]
    assert [(one.found.document, one.found.words) for one in found] == [
        ("d004", right["d004"].mention(span)) for span in sure
    ]
    with pytest.raises(DataError, match="1 folds of 12 documents"):
        suspects(config, spoiled, 1)


def test_suspects_with_real_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = TrainConfig.model_validate(tiny_config(tmp_path, epochs=1))
    monkeypatch.setattr("training.curation.label_errors.SURE", 0.0)
    found = suspects(config, documents(9), 2)
    assert found
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert not any(one.found.kind == BOUNDARY for one in found)


def test_suspects_need_documents_that_are_annotated_exhaustively(tmp_path: Path) -> None:
    config = TrainConfig.model_validate(tiny_config(tmp_path))
    partly = [replace(document, meta={"coverage": {"VICTIM": "some"}}) for document in documents(6)]
    with pytest.raises(DataError, match="0 documents cannot be split; add documents"):
        suspects(config, partly, 2)


def test_the_page_is_whole_and_escapes_hostile_text(tokenizer: Tokenizer) -> None:
    text = "<script>alert(1)</script> shot men."
    one = Document("<b>x</b>", text, [Span("S1", 26, 30, "ATTACK", "bombing"), Span("S2", 31, 34, "VICTIM")])
    other = replace(one, spans=[Span("S1", 26, 30, "VICTIM")])
    found = disagreements(one, other)
    assert [d.kind for d in found] == [LABEL, MISSING]
    made = report({"<i>a</i>": [one]}, SCHEMA, tokenizer, suspects=[Suspect(found[0], 0.95)])
    page = data_page(made, SCHEMA)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; " in page
    assert not re.search(r"""(?:src|href)=["'](?!#)|@import|url\((?!#)""", page)  # nothing is loaded from elsewhere
    assert page.count("<svg") == 2
    assert "<b>x</b>" not in page
    assert page == data_page(made, SCHEMA)


def test_nothing_to_report_on_is_refused(tokenizer: Tokenizer) -> None:
    with pytest.raises(DataError, match="there is no document"):
        report({"a": []}, SCHEMA, tokenizer)
    with pytest.raises(DataError, match="VICTM"):
        report({"a": [Document("d", "x", [Span("S1", 0, 1, "VICTM")])]}, SCHEMA, tokenizer)


def test_the_command_prints_a_summary_and_writes_the_page(tmp_path: Path) -> None:
    folder = encoder(tmp_path / "encoder")
    write_documents(tmp_path / "a.jsonl", documents(4))
    words = ("data", "report", "a.jsonl", "--html", "r.html", "--set", f"encoder={folder}")
    found = run(*words, "--set", "data.window=64", "--set", "data.overlap=16")
    assert found.returncode == 0, found.stderr
    assert "4 documents (1 without an attack)" in found.stdout
    assert "few examples: ATTACK:bombing (2)" in found.stdout
    assert "Data report: a.jsonl" in (tmp_path / "r.html").read_text()
