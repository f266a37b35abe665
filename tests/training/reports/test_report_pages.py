"""The pages on an evaluation and on a comparison: what they show, and that nothing from data gets to act in them."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from annotations import Document, Event, Span, load_schema
from inference.events.linking import assemble
from inference.manifest import Manifest
from inference.prediction import PredictedSpan, Prediction
from tests.servers import needed
from tests.tiny import documents as small_documents
from training.behaviour.run import Behaviour, CaseResult
from training.evaluation import evaluate
from training.evaluation.alignment import Alignment, align_events
from training.evaluation.assessment import Assessment
from training.evaluation.compare import compare_versions
from training.evaluation.cost import Cost
from training.evaluation.errors import errors
from training.evaluation.evaluate import Evaluation
from training.evaluation.training_overlap import mentions
from training.reports import page
from training.reports.event_table import event_groups
from training.reports.marked_text import blocks, gold_marks, predicted_marks
from training.reports.page import comparison_page, evaluation_page

SCHEMA = load_schema()
HISTORY = [
    {"epoch": n, "loss": 1 / n, "dev_strict_f1": 0.2 * n, "dev_partial_f1": 0.25 * n, "dev_overlap_f1": 0.3 * n}
    for n in (1, 2, 3)
]
SCRIPT = "<script>document.title='hacked';alert(1)</script>"
HOSTILE = f"""{SCRIPT} "Rebels" shot 12 men in Gao.\r\n</style></script><img src=x onerror="alert(2)"> & 'so' on
\u05d4\u05de\u05d5\u05e8\u05d3\u05d9\u05dd \U0001f4a5 \u202e{{{{ 7 * 7 }}}} $x$ it's over."""


def found(text: str, spans: Sequence[Span], model: str = "m") -> Prediction:
    """A prediction with these spans; events follow by the rules."""
    made = [
        PredictedSpan(f"S{n}", s.start, s.end, text[s.start : s.end], s.label, s.type, 0.55 + 0.04 * (n % 10))
        for n, s in enumerate(sorted(spans, key=lambda s: s.start), start=1)
    ]
    return Prediction(text, made, assemble(text, made, SCHEMA), model, 1, SCHEMA)


def changed(document: Document, seed: int) -> list[Span]:
    """The gold spans with an error of each kind here and there."""
    spans = []
    for number, span in enumerate(document.spans, start=seed):
        match number % 7:
            case 0:
                continue
            case 1 if span.end - span.start > 4:
                spans.append(replace(span, end=span.end - 2))
            case 2 | 4 | 5 if span.type:
                spans.append(replace(span, type="displaced" if span.label == "TOLL" else "shelling"))
            case 3:
                spans.append(replace(span, label="WEAPON", type=None))
            case _:
                spans.append(span)
    end = len(document.text)
    return [*spans, Span("x", end - 7, end - 1, "DATE")]


def hostile() -> Document:
    start = HOSTILE.index("Rebels")
    spans = [
        Span("S<0>", 0, len(SCRIPT), "WEAPON"),
        Span("S1", start, start + 6, "PERPETRATOR"),
        Span("S2", start + 8, start + 12, "ATTACK", "armed_assault"),
        Span("S3", start + 13, start + 15, "TOLL", "killed"),
        Span("S4", start + 16, start + 19, "VICTIM"),
    ]
    roles = {"triggers": ("S2",), "perpetrators": ("S1",), "victims": ("S4",), "tolls": ("S3",), "weapons": ("S<0>",)}
    meta = {"genre": "<b>wire</b>", "country": '"><svg onload=alert(3)>', "note": SCRIPT, "list": [1]}
    return Document('"><script>alert(4)</script>', HOSTILE, spans, [Event("<E1>", "armed_assault", roles)], meta)


def gold(count: int = 12) -> list[Document]:
    return [*small_documents(count), hostile()]


def assessment(
    documents: Sequence[Document], seed: int = 1, model: str = "<i>model</i> $1$", **more: Any
) -> Assessment:
    predictions = [found(document.text, changed(document, seed), model) for document in documents]
    values = {
        "data": ["<u>data</u>"],
        "digest": "ab12",
        "manifest": Manifest(model, 256, 32, training={"history": HISTORY}),
        "trained_on": [],
        "seen": mentions(documents[:2]),
        "cost": Cost(1.2, 34.0, 2500.0, 600.0, 92.0, 12),
    }
    return Assessment(Evaluation(model, documents, predictions, SCHEMA), **(values | more))


def compared(documents: Sequence[Document], candidates: int = 1, **more: Any) -> str:
    made = [assessment(documents, seed, f"<b>v{seed}</b>") for seed in range(1, candidates + 2)]
    others = [compare_versions(made[0].evaluation, one.evaluation, seen=one.seen, **more) for one in made[1:]]
    return comparison_page(others, made)


class Elements(HTMLParser):
    """All elements of a page with their attributes."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def pages() -> dict[str, str]:
    behaviour = Behaviour(
        [CaseResult("tolls", "minimum", "<case>", (SCRIPT,)), CaseResult("tolls", "minimum", "b", ())]
    )
    return {
        "evaluation": evaluation_page(assessment(gold()), behaviour=behaviour),
        "comparison": compared(gold(), candidates=2, contaminated={"<b>v2</b>": [hostile().id]}),
    }


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
    assert content.count("<svg") == 5
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
    assert plain.count("<svg") == 4


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


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver")
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = needed("chromium")
    quiet = ("background-networking", "component-update", "gpu", "quic", "sync")
    for word in ("headless=new", "no-sandbox", "no-first-run", *(f"disable-{name}" for name in quiet)):
        options.add_argument(f"--{word}")
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(needed("chromedriver")))
    yield driver
    driver.quit()


def shown(browser: Any) -> list[str]:
    """Ids of the documents that are visible, from the top down."""
    script = "return [...document.querySelectorAll('.doc')].filter(d => d.offsetParent).map(d => d.id)"
    found: list[str] = browser.execute_script(script)
    return found


def press(browser: Any, group: str, value: str) -> Any:
    button = browser.find_element("css selector", f'[data-group="{group}"] button[data-value="{value}"]')
    button.click()
    return button


def open_page(browser: Any, folder: Path, content: str, width: int = 1200) -> None:
    (folder / "page.html").write_text(content, encoding="utf-8", newline="")
    size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get((folder / "page.html").as_uri())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["evaluation", "comparison"])
def test_hostile_text_does_not_act_in_a_browser(browser: Any, made: dict[str, str], name: str, tmp_path: Path) -> None:
    open_page(browser, tmp_path, made[name])
    assert browser.title.startswith("Evaluation of <i>model" if name == "evaluation" else "<b>v2</b> and <b>v3")
    time.sleep(0.3)
    assert browser.execute_script("return document.querySelectorAll('img, script').length") == 1
    assert [entry for entry in browser.get_log("browser") if entry["level"] in {"SEVERE", "WARNING"}] == []
    text = browser.execute_script(
        "return [...document.querySelectorAll('.doc')].find(d => d.dataset.id.includes('alert(4)')).textContent"
    )
    assert SCRIPT in text


@pytest.mark.slow
def test_filters_and_sorting_work(browser: Any, made: dict[str, str], tmp_path: Path) -> None:
    open_page(browser, tmp_path, made["evaluation"])
    everything = shown(browser)
    assert len(everything) == 13
    button = press(browser, "kind", "type")
    assert button.get_attribute("aria-pressed") == "true"
    typed = shown(browser)
    assert 0 < len(typed) < 13
    press(browser, "label", "VICTIM")
    assert shown(browser) == []  # an error of type is never one of a label without types
    assert browser.find_element("css selector", "#tools output").text == "0 of 13 shown"
    press(browser, "label", "")
    press(browser, "kind", "")
    press(browser, "sort", "id")
    names = browser.execute_script("return [...document.querySelectorAll('.doc')].map(d => d.dataset.id)")
    assert names[1:] == [f"d{number:03}" for number in range(12)]
    press(browser, "sort", "length")
    words = browser.execute_script("return [...document.querySelectorAll('.doc')].map(d => +d.dataset.words)")
    assert words == sorted(words, reverse=True)
    press(browser, "sort", "")
    assert shown(browser) == everything
    browser.find_element("id", "search").send_keys("BOMB EXPLODED near")
    assert browser.execute_script("return document.querySelector('.doc:not([hidden])').textContent").count("exploded")
    assert 0 < len(shown(browser)) < 13
    open_page(browser, tmp_path, made["comparison"])
    press(browser, "change", "worse")
    press(browser, "version", "third")
    script = "return [...document.querySelectorAll('.doc')].filter(d => d.offsetParent).map(d => +d.dataset.difference)"
    assert all(difference < 0 for difference in browser.execute_script(script))
    assert all(name.startswith("third-") for name in shown(browser))


@pytest.mark.slow
def test_keys_move_between_documents(browser: Any, made: dict[str, str], tmp_path: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    open_page(browser, tmp_path, made["evaluation"])
    order = shown(browser)

    def type_keys(*keys: str) -> None:
        browser.switch_to.active_element.send_keys(*keys)

    def place() -> str:
        script = (
            "const d = document.activeElement.closest('.doc'); return d && d.querySelector('details').open ? d.id : ''"
        )
        return str(browser.execute_script(script))

    visited = []
    for key in "jjk":
        type_keys(key)
        visited.append(place())
    assert visited == [order[0], order[1], order[0]]
    type_keys("/")
    assert browser.switch_to.active_element.get_attribute("id") == "search"
    type_keys("j?")
    assert browser.find_element("id", "search").get_attribute("value") == "j?"
    type_keys(Keys.ESCAPE)
    type_keys("?")
    assert browser.find_element("id", "help").is_displayed()
    browser.find_element("css selector", "#help button").click()
    assert not browser.find_element("id", "help").is_displayed()
    link = browser.find_element("css selector", 'a[href^="#d"]:not([href="#documents"])')
    link.click()
    assert place() == str(link.get_attribute("href")).split("#")[1]


def eventually(holds: Callable[[], bool], seconds: float = 5) -> bool:
    """Whether something holds within some seconds: a browser lays out anew when it has time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.slow
@pytest.mark.parametrize("name", ["evaluation", "comparison"])
def test_a_page_fits_a_phone_and_paper(browser: Any, made: dict[str, str], name: str, tmp_path: Path) -> None:
    open_page(browser, tmp_path, made[name], width=390)
    browser.execute_script("document.querySelector('[data-all=open]').click()")
    assert eventually(lambda: browser.execute_script("return document.documentElement.scrollWidth") <= 390)
    browser.execute_script("document.querySelector('[data-all=close]').click()")
    visible = """return [...document.querySelectorAll('.doc details > .facts')]
        .filter(one => one.checkVisibility({ contentVisibilityAuto: true })).length"""
    assert eventually(lambda: browser.execute_script(visible) == 0)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert eventually(lambda: browser.execute_script(visible) == len(shown(browser)))
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.mark.slow
def test_all_content_is_there_without_javascript(browser: Any, made: dict[str, str], tmp_path: Path) -> None:
    without = re.sub(r"<script>.*?</script>", "", made["evaluation"], flags=re.S)
    open_page(browser, tmp_path, without)
    assert not browser.find_element("id", "tools").is_displayed()
    summary = browser.find_elements("css selector", ".doc summary")[0]
    summary.click()
    assert browser.find_elements("css selector", ".doc .line")[0].is_displayed()


def test_texts_that_may_not_leave_their_folder_are_left_out() -> None:
    documents = gold()
    made = [assessment(documents, seed, f"v{seed}") for seed in (1, 2)]
    comparison = compare_versions(made[0].evaluation, made[1].evaluation)
    for content in (evaluation_page(made[0], texts=False), comparison_page([comparison], made, texts=False)):
        assert "their texts may not leave their folder" in content
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
