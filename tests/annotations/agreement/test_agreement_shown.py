"""Agreement as a page, and the commands `annotate agreement` and `annotate adjudicate`."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from annotations import Span, read_documents, write_documents
from annotations.agreement.comparison import Comparison, compare
from tests.annotations.agreement.annotated import (
    FARMERS,
    FOUR_FARMERS,
    GAO,
    HOSTILE,
    LABELS,
    SHOT,
    TEXT,
    document,
    keys,
    place,
    tagged,
    tied,
)
from tests.helpers import run
from training.reports.render import render


class _Page(HTMLParser):
    """Collects what a browser would make of a page: elements, their attributes, and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.shown = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.shown += data


def page_of(comparison: Comparison, title: str = "Agreement") -> str:
    return render("agreement.html", title=title, comparison=comparison, columns=[*LABELS, None])


def test_hostile_words_ids_names_and_types_are_shown_and_never_run() -> None:
    text = f"{HOSTILE} shot {HOSTILE}"
    span = place(text, "shot", "ATTACK", "</td><script>x</script>")
    over = Span("S2", 0, 8, "VICTIM")
    sides = document(span, over, text=text, name=HOSTILE), document(text=text, name=HOSTILE)
    page = page_of(compare({f"1{HOSTILE}": [sides[0]], f"2{HOSTILE}": [sides[1]]}, LABELS), title=f"3{HOSTILE}")
    harmless = _Page(page_of(compare({"ana": [document(SHOT)], "ben": [document()]}, LABELS)))
    found = _Page(page)
    assert (found.elements, found.attributes) == (harmless.elements, harmless.attributes)
    assert page.count("<script>") == 1  # that of the tables
    assert not found.elements & {"img"}
    for shown in (f"1{HOSTILE}", f"2{HOSTILE}", f"3{HOSTILE}", "ATTACK:</td><script>x</script>", f"shot {HOSTILE}"):
        assert shown in found.shown
    assert "&lt;script&gt;x(&#39;1&#39;)&lt;/script&gt;&amp;&lt;img" in page


def test_the_page_shows_figures_confusion_and_each_disagreement_in_its_text() -> None:
    first, second = document(FARMERS, GAO), document(FOUR_FARMERS, replace(GAO, label="TARGET"))
    page = page_of(compare({"ana": [first], "ben": [second]}, LABELS))
    assert "Gunmen shot <mark>four farmers</mark> in Gao" in page
    assert '<td>VICTIM</td><td class="n">0.000</td><td class="n">1.000</td>' in page
    assert "<summary>boundary (1)</summary>" in page
    assert "<tr><th>LOCATION</th>" + '<td class="n"></td>' * 5 + '<td class="n">1</td>' in page  # under TARGET
    assert "<summary>missing" not in page


def test_figures_that_are_undefined_are_dashes_on_the_page() -> None:
    page = page_of(compare({"ana": [tagged("d1", "vv")], "ben": [tagged("d1", "vv")]}, LABELS))
    assert '<td>VICTIM</td><td class="n">1.000</td><td class="n">1.000</td><td class="n">–</td>' in page
    assert '<td>DATE</td><td class="n">–</td><td class="n">–</td><td class="n">–</td>' in page


def test_a_page_loads_nothing_from_elsewhere() -> None:
    page = page_of(compare({"ana": [document(GAO)], "ben": [document()]}, LABELS))
    assert not _Page(page).attributes & {"src", "href", "srcset", "action"}
    assert not _Page(page).elements & {"link", "iframe", "object"}
    assert "url(" not in page
    assert "@import" not in page


def test_a_value_that_a_page_lacks_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="'comparison' is undefined"):
        render("agreement.html", title="Agreement")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Annotations by two people: on d1 they differ, on d2 they do not, d3 has ana alone."""
    made = {"ana": [tied([SHOT, FARMERS]), document(GAO, name="d2"), document(name="d3")],
            "ben": [tied([SHOT]), document(GAO, name="d2")]}  # fmt: skip
    for who, documents in made.items():
        write_documents(tmp_path / "labelled" / f"{who}.jsonl", documents)
    return tmp_path


def test_the_command_agreement_prints_a_table(folder: Path) -> None:
    result = run("annotate", "agreement", "labelled", cwd=folder)
    assert result.returncode == 0, result.stderr
    assert "annotators: ana (3), ben (2)" in result.stdout
    assert re.search(r"^1 documents ", result.stdout, re.MULTILINE)
    rows = {row[0]: row[1:] for row in ([cell.strip() for cell in line.strip("│┃ ").split("│")]
                                        for line in result.stdout.splitlines())}  # fmt: skip
    assert rows["VICTIM"][:2] == ["0.000", "0.000"]
    assert rows["LOCATION"] == ["1.000", "1.000", "1.000"]
    assert rows["DATE"] == ["–", "–", "–"]
    assert "ana, ben: 2 documents, disagreements: 0 label, 0 type, 1 missing, 0 boundary" in result.stdout


def test_the_command_agreement_writes_json(folder: Path) -> None:
    result = run("annotate", "agreement", "labelled/ana.jsonl", "labelled/ben.jsonl", "--format", "json", cwd=folder)
    found = json.loads(result.stdout)
    assert (found["annotated_once"], found["pairs"][0]["documents"]) == (["d3"], 2)
    assert [one["words"] for one in found["pairs"][0]["disagreements"]] == ["farmers"]


def test_the_command_agreement_writes_a_page_in_which_nothing_hostile_runs(tmp_path: Path) -> None:
    text = f"{HOSTILE} hurt farmers {HOSTILE}"
    for who, spans in (("ana", [place(text, "farmers", "VICTIM")]), ("<b>ben", [])):
        write_documents(tmp_path / f"{who}.jsonl", [document(*spans, text=text, name=HOSTILE)])
    result = run("annotate", "agreement", "ana.jsonl", "<b>ben.jsonl", "--format", "html", cwd=tmp_path)
    found = _Page(result.stdout)
    assert result.stdout.startswith("<!doctype html>")
    assert result.stdout.endswith("</html>")
    assert result.stdout.count("<script>") == 1  # that of the tables
    assert not found.elements & {"img", "b"}
    assert f"farmers {HOSTILE}" in found.shown
    assert "ana and <b>ben: 1 documents" in found.shown


def test_the_command_agreement_refuses_one_annotator_and_unknown_formats(folder: Path) -> None:
    alone = run("annotate", "agreement", "labelled/ana.jsonl", cwd=folder)
    assert (alone.returncode, alone.stdout) == (1, "")
    assert alone.stderr.startswith("error: ")
    assert alone.stderr.count("\n") == 1
    assert run("annotate", "agreement", "labelled", "--format", "xml", cwd=folder).returncode == 2


def test_the_command_adjudicate_writes_what_is_settled_and_tasks_for_the_rest(folder: Path) -> None:
    result = run("annotate", "adjudicate", "labelled", "--to", "gold.jsonl", "--open", "open.json", cwd=folder)
    assert result.returncode == 0, result.stderr
    assert re.fullmatch(r"2 .*gold\.jsonl.* 1 .* 1\b.*open\.json.*\n", result.stdout)
    assert re.fullmatch(r"warning: .*\b1\b.*\n", result.stderr)
    assert [one.id for one in read_documents(folder / "gold.jsonl")] == ["d2", "d3"]
    (task,) = json.loads((folder / "open.json").read_text())
    assert (task["data"]["document"], task["data"]["text"]) == ("d1", TEXT)
    assert task["data"]["open"] == ["VICTIM [17:24] 'farmers'"]
    assert [one["model_version"] for one in task["predictions"]] == ["agreed", "ana", "ben"]


def test_the_command_adjudicate_writes_nothing_where_open_documents_have_no_place(folder: Path) -> None:
    result = run("annotate", "adjudicate", "labelled", "--to", "gold.jsonl", cwd=folder)
    assert result.returncode == 1
    assert result.stdout == ""
    assert re.fullmatch(r"error: .*\b1\b.*--open.*--rule.*\n", result.stderr)
    assert not (folder / "gold.jsonl").exists()


def test_the_command_adjudicate_writes_nothing_where_tasks_cannot_be_made(folder: Path) -> None:
    wrong = [replace(FARMERS, label="VICTM")]
    write_documents(folder / "labelled" / "ben.jsonl", [document(*wrong), document(GAO, name="d2")])
    result = run("annotate", "adjudicate", "labelled", "--to", "gold.jsonl", "--open", "open.json", cwd=folder)
    assert (result.returncode, result.stdout) == (1, "")
    assert "unknown label 'VICTM'; did you mean 'VICTIM'?" in result.stderr
    assert [path.name for path in folder.iterdir()] == ["labelled"]


def test_the_command_adjudicate_lets_a_named_annotator_win(folder: Path) -> None:
    result = run("annotate", "adjudicate", "labelled", "--to", "gold.jsonl", "--rule", "ben", cwd=folder)
    assert result.returncode == 0, result.stderr
    assert re.fullmatch(r"3 .*gold\.jsonl.* 0 .* 0\b.*\n", result.stdout)
    assert keys(read_documents(folder / "gold.jsonl")[0].spans) == keys([SHOT])


def test_the_command_adjudicate_answers_an_unknown_rule(folder: Path) -> None:
    result = run("annotate", "adjudicate", "labelled", "--to", "gold.jsonl", "--rule", "bem", cwd=folder)
    assert result.returncode == 1
    assert re.fullmatch(r"error: .*'bem'.*'majority'.*'ben'.*\n", result.stderr)
