"""The pages on an evaluation and on a comparison: what they show, and that nothing from data gets to act in them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from annotations import Document, Event, Span
from inference.manifest import Manifest
from inference.prediction import Prediction
from tests.tiny import documents as small_documents
from tests.training.reports.evaluated import SCHEMA, assessment, compared, found, gold, hostile, pages
from training.evaluation import evaluate
from training.evaluation.alignment import Alignment, align_events
from training.evaluation.assessment import Assessment
from training.evaluation.compare import compare_versions
from training.evaluation.errors import errors
from training.evaluation.evaluate import Evaluation
from training.reports import page
from training.reports.document_view import event_groups
from training.reports.marked_text import blocks, gold_marks, predicted_marks
from training.reports.page import comparison_page, evaluation_page
from training.reports.page_tables import wrong_tolls


class Elements(HTMLParser):
    """All elements of a page with their attributes."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


pytestmark = pytest.mark.integration  # whole reports; they take seconds


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages()


@pytest.mark.parametrize("name", ["evaluation", "comparison"])
def test_text_ids_names_and_meta_values_are_escaped(made: dict[str, str], name: str) -> None:
    content = made[name]
    elements = Elements(content)
    assert [tag for tag, _ in elements.found].count("script") == 1
    assert not {tag for tag, _ in elements.found} & {"img", "u", "iframe", "link", "object", "base", "form"}
    assert not [key for _, attributes in elements.found for key in attributes if key.startswith("on")]
    assert "<script>document" not in content
    assert "&lt;script&gt;document.title=" in content
    assert "&lt;b&gt;wire&lt;/b&gt;" in content
    assert "49" not in re.findall(r"\u202e(.{10})", content)[0]  # no text is taken for a template
    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    doubled = {one for one in ids if ids.count(one) > 1}
    assert all(re.fullmatch(r"[mp][0-9a-f]{10}", str(one)) for one in doubled)  # equal parts of plots
    assert all(
        json.loads(attributes["data-made"] or "") for _, attributes in elements.found if "data-made" in attributes
    )


@pytest.mark.parametrize("name", ["evaluation", "comparison"])
def test_nothing_is_loaded_from_elsewhere(made: dict[str, str], name: str) -> None:
    addresses = set(re.findall(r"""https?:[^"'\s<]*""", made[name]))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    for tag, attributes in Elements(made[name]).found:
        for key in ("src", "href", "xlink:href", "action", "data"):
            assert (attributes.get(key) or "#").startswith("#"), (tag, attributes)
    assert not re.search(r"@import|url\((?!#)", made[name])
    assert "default-src 'none'" in made[name]


def test_the_same_input_gives_the_same_page(made: dict[str, str]) -> None:
    assert pages() == made


def test_the_evaluation_shows_figures_tolls_behaviour_and_documents(made: dict[str, str]) -> None:
    content = made["evaluation"]
    one = assessment(gold())
    core = one.estimates["partial_core"]
    assert core.bounds
    assert f"{core.value:.3f}" in content
    assert f"{core.bounds[0]:.3f} to {core.bounds[1]:.3f}" in content
    assert content.count("<svg") == 6
    assert f"{len(one.evaluation.toll_errors)} numbers are wrong" in content
    assert "1 of 2 cases passed" in content
    assert content.count('class="doc"') == 13
    counts = [int(number) for number in re.findall(r'data-errors="(\d+)"', content)]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == sum(map(len, one.evaluation.errors))
    for place in re.findall(r'href="#(\w+)"', content):
        assert f'id="{place}"' in content


def test_a_model_that_knows_the_documents_is_told_of_before_all_figures() -> None:
    content = evaluation_page(assessment(gold(), trained_on=["d001", "d002"]))
    assert content.index("The model was trained or tuned on 2 of 13 documents") < content.index("0.")
    assert 'class="warning"' in content
    assert "warning" not in evaluation_page(assessment(gold())).split("</style>")[-1]


def test_the_comparison_tells_verdict_and_contamination_first(made: dict[str, str]) -> None:
    content = made["comparison"]
    body = content[content.index("<body>") :]
    warning, verdict, table = (
        body.index(words) for words in ("was trained or tuned on 1 of", 'class="verdict', "<table")
    )
    assert warning < verdict < table
    assert "verdict better" not in body
    assert "verdict worse" not in body
    assert '"third"' in body
    plain = compared(gold())
    differences = [float(value) for value in re.findall(r'data-difference="([-.\d]+)"', plain)]
    assert differences == sorted(differences)
    assert "· won" in plain
    assert "· lost" in plain
    assert plain.count("<svg") == 5


def test_a_page_stays_small_and_says_what_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "LIMIT", 260_000)
    long = [
        replace(document, id=f"long-{n}", text=document.text + " word" * 8000) for n, document in enumerate(gold(8))
    ]
    for content in (evaluation_page(assessment(long)), compared(long)):
        left = re.search(r"(\d+) of (\d+) documents are not shown", content)
        assert left
        shown = content.count('class="doc"')
        assert 0 < shown == int(left[2]) - int(left[1])
        assert len(content.encode()) < 260_000
        assert set(re.findall(r'href="#(d\d+)"', content)) <= set(re.findall(r'id="(d\d+)"', content))


def test_meta_data_without_end_do_not_make_a_page_large() -> None:
    many = [
        replace(document, id=f"d{n}", meta={"genre": f"genre {n} " + "x" * 500})
        for n, document in enumerate(small_documents(4) * 40)
    ]
    content = evaluation_page(assessment(many))
    assert "120 more " in content
    assert len(content.encode()) < page.LIMIT


def test_few_and_empty_documents_make_a_page_without_intervals() -> None:
    empty = Document("empty", "")
    none = Assessment(
        Evaluation("m", [empty], [found("", [])], SCHEMA), ["x"], "d", Manifest("m", 9, 1), [], None, None
    )
    content = evaluation_page(none)
    assert "nan" not in content.lower()
    assert "not measured" in content
    assert "No evidence: too few" in compared([hostile()])


def test_the_marks_tell_each_kind_of_error() -> None:
    text = "Rebels shot 12 men in the Gao market on Monday night. Nobody else came. It rained."
    one = Document(
        "d",
        text,
        [
            Span("S1", 0, 6, "PERPETRATOR"),
            Span("S2", 7, 11, "ATTACK", "armed_assault"),
            Span("S3", 12, 14, "TOLL", "killed"),
            Span("S4", 15, 18, "VICTIM"),
            Span("S5", 22, 36, "TARGET"),
            Span("S6", 40, 46, "DATE"),
        ],
    )
    other = found(
        text,
        [
            Span("P2", 7, 11, "ATTACK", "bombing"),
            Span("P3", 12, 18, "TOLL", "killed"),
            Span("P5", 22, 36, "LOCATION"),
            Span("P6", 40, 46, "DATE"),
            Span("P7", 47, 52, "DATE"),
        ],
    )
    made = errors(one, other, SCHEMA)
    cut = blocks(text, {"gold": gold_marks(one), "model": predicted_marks(other, made)})
    assert [[line.sides for line in lines] for lines in cut] == [[("gold",), ("model",)], [("gold", "model")]]
    gold_line, model_line = cut[0]
    assert "".join(words for words, _ in gold_line.pieces) == text[:54]
    assert "".join(words for words, _ in model_line.pieces) == text[:54]
    tags = [(words, mark.tag) for words, mark in model_line.pieces if mark]
    assert tags == [
        ("Rebels", "− missed · perpetrator"),
        ("shot", "≠ type · attack: bombing"),
        ("12 men", "↔ boundary · toll: killed"),
        ("", "− missed · victim “men”"),  # the toll covers it
        ("the Gao market", "≠ label · location"),
        ("Monday", "date"),
        ("night", "+ spurious · date"),
    ]
    assert cut[1][0].pieces == (("Nobody else came. It rained.", None),)


def test_sentences_of_figures_stand_beside_a_wrong_toll() -> None:
    text = "Rain fell. A raid killed 12 men. The raid hurt six. A doctor counted 14 dead."
    marks = [("raid", "ATTACK", "armed_assault"), ("12", "TOLL", "killed"), ("six", "TOLL", "injured"),
             ("14", "TOLL", "killed")]  # fmt: skip
    spans = [
        Span(f"S{n}", text.index(w), text.index(w) + len(w), label, kind) for n, (w, label, kind) in enumerate(marks, 1)
    ]
    roles = {"triggers": ("S1",), "tolls": ("S2", "S3")}
    gold_side = Document("d1", text, spans[:3], [Event("E1", "armed_assault", roles)])
    predicted = found(text, [spans[0], replace(spans[1], type="injured"), spans[2], spans[3]])
    one = Evaluation("m", [gold_side], [predicted], SCHEMA)
    (killed,) = [row for row in wrong_tolls(one) if row[0].kind == "killed"]
    assert killed[1:3] == ("12", "14")
    assert killed[3] == [
        [("A raid killed ", False), ("12", True), (" men.", False)],
        [("A doctor counted ", False), ("14", True), (" dead.", False)],
    ]
    page_of = evaluation_page(assessment(gold()))
    assert re.search(r'<td class="text"[^>]*>[^<]*<mark>', page_of)


def aligned(document: Document, **versions: Sequence[Span]) -> dict[str, tuple[Prediction, Alignment]]:
    """Predictions by version, each with its events aligned with those of the document."""
    predictions = {name: found(document.text, spans) for name, spans in versions.items()}
    return {name: (one, align_events(document, one, SCHEMA)) for name, one in predictions.items()}


def test_events_stand_below_their_gold_event_with_what_is_wrong() -> None:
    (document,) = small_documents(1)
    wrong = [replace(span, type="injured") if span.label == "TOLL" else span for span in document.spans]
    groups = event_groups(document, aligned(document, a=wrong, b=[]), SCHEMA)
    ((right, a, b),) = groups
    assert (right.side, right.attack_type, right.roles and right.roles["victims"]) == (
        "gold",
        "armed_assault",
        "traders",
    )
    assert right.tolls == [("killed", "12 or more", False), ("injured", "about 24 or more", False)]
    assert ("killed", "none", True) in a.tolls
    assert b.note == "not found"
    bare = replace(document, events=[], spans=[])
    ((extra,),) = event_groups(bare, aligned(bare, a=document.spans), SCHEMA)
    assert extra.note == "not in gold"


def test_texts_that_may_not_leave_their_folder_are_left_out() -> None:
    documents = gold()
    made = [assessment(documents, seed, f"v{seed}") for seed in (1, 2)]
    comparison = compare_versions(made[0].evaluation, made[1].evaluation)
    for content in (evaluation_page(made[0], texts=False), comparison_page([comparison], made, texts=False)):
        assert "their texts may not leave their folder" in content
        assert 'class="text"' not in content
        assert "data-docs" not in content.split("</style>")[-1].split("<script>")[0]
        assert not any(document.text[:40].strip() in content for document in documents)


def test_errors_and_alignments_are_computed_once_for_each_document(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()

    def counting(name: str) -> Callable[..., Any]:
        made = getattr(evaluate, name)

        def count(*values: Any) -> Any:
            calls[name] += 1
            return made(*values)

        return count

    for name in ("errors", "align_events"):
        monkeypatch.setattr(evaluate, name, counting(name))
    made = [assessment(gold(), seed, f"v{seed}") for seed in (1, 2)]
    for one in made:
        one.to_dict()
        evaluation_page(one)
    comparison = compare_versions(made[0].evaluation, made[1].evaluation)
    comparison.to_dict()
    comparison_page([comparison], made)
    assert calls == {"errors": 2 * 13, "align_events": 2 * 13}
