"""The page of the service in a real browser: marks, light, corrections, keys, a phone, dark mode, and hostile text."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from annotations import Document, load_schema
from annotations.validate import document_faults
from tests.browsers import sized
from tests.inference.service.processes import started
from tests.inference.service.services import SECONDS

pytestmark = pytest.mark.slow

# Emoji and flags are one and two characters in Python, more in a browser.
TEXT = (
    "GAO 😀 – Gunmen opened fire 🇲🇱 at a market in Gao on Friday, killing at least 12 traders.\n\n"
    "On Monday a bomb exploded in Kesra and killed two soldiers. Nobody was <b>named</b>."
)
HOSTILE = (
    "<img src=x onerror=document.title='hit'> <script>document.title='hit'</script> Gunmen killed 12 in Gao & Kesra."
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The service on the released model, whose marks and events on simple sentences are known."""
    with started(tmp_path_factory.mktemp("service")) as (client, _):
        yield client


@pytest.fixture
def page(browser: Any, service: httpx.Client) -> Any:
    sized(browser, 1200)
    browser.get(str(service.base_url))
    ask(browser, TEXT)
    return browser


def until(holds: Callable[[], Any]) -> None:
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def ask(browser: Any, text: str, date: str = "2021-03-04") -> None:
    script = (
        "document.getElementById('text').value = arguments[0]; document.getElementById('date').value = arguments[1];"
    )
    browser.execute_script(script, text, date)
    browser.find_element("css selector", "#ask button").click()
    until(lambda: not browser.execute_script("return document.querySelector('#ask button').disabled"))


def marks(browser: Any) -> dict[str, str]:
    """Words and label of the marks that are shown."""
    script = "return [...document.querySelectorAll('#article mark:not(.off)')].map(m => [m.textContent, m.dataset.tag])"
    return dict(browser.execute_script(script))


def mark(browser: Any, words: str) -> Any:
    return next(one for one in browser.find_elements("css selector", "#article mark") if one.text.startswith(words))


def rows(browser: Any) -> list[list[str]]:
    script = "return [...document.querySelectorAll('#events tbody tr')].map(r => [...r.cells].map(c => c.textContent))"
    found: list[list[str]] = browser.execute_script(script)
    return found


def document(browser: Any) -> Document:
    """The document that would be downloaded; it must be valid."""
    made = Document.from_dict(json.loads(browser.execute_script("return JSON.stringify(state.document)")))
    assert document_faults(made, load_schema()) == []
    return made


def press(browser: Any, name: str) -> str:
    browser.find_element("id", name).click()
    return str(browser.find_element("id", "status").text)


def test_marks_and_events_are_those_of_the_service(page: Any, service: httpx.Client) -> None:
    asked = service.post("/predict", json={"text": TEXT, "date": "2021-03-04"}).json()
    assert list(marks(page)) == [span["text"] for span in asked["spans"]]
    assert [row[:2] for row in rows(page)] == [[event["id"], event["attack_type"]] for event in asked["events"]]
    assert len(rows(page)) == 2
    assert document(page).text == TEXT
    assert page.execute_script("return document.getElementById('article').textContent") == TEXT
    assert page.execute_script("return document.activeElement.id") == "result"
    assert [entry for entry in page.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_hostile_text_does_not_act(browser: Any, service: httpx.Client) -> None:
    browser.get(str(service.base_url))
    ask(browser, HOSTILE)
    time.sleep(0.3)
    assert browser.title == "conflict-events"
    assert browser.execute_script("return document.querySelectorAll('img, #article script').length") == 0
    assert browser.execute_script("return document.getElementById('article').textContent") == HOSTILE


def test_labels_can_be_hidden(page: Any) -> None:
    everything = marks(page)
    page.find_element("css selector", "[data-label=VICTIM]").click()
    shown = marks(page)
    assert everything.keys() - shown.keys() == {"traders", "soldiers"}
    assert not mark(page, "traders").get_attribute("role")
    page.find_element("css selector", "[data-label=VICTIM]").click()
    assert marks(page) == everything


def test_an_event_and_its_marks_light_up_together(page: Any) -> None:
    def lit() -> set[str]:
        script = "return [...document.querySelectorAll('mark.lit')].map(m => m.textContent)"
        return set(page.execute_script(script))

    page.execute_script("document.querySelectorAll('#events tbody tr')[1].focus()")
    assert {"soldiers", "Kesra"} <= lit()
    assert not {"traders", "Gao"} & lit()
    page.execute_script("document.querySelector('#article mark').focus()")
    assert lit() == {"Gunmen"}
    assert page.execute_script("return [...document.querySelectorAll('tr.lit')].map(r => r.dataset.event)") == ["E1"]


def test_a_mark_is_changed_removed_and_brought_back(page: Any) -> None:
    mark(page, "market").click()
    page.find_element("css selector", "#label option[value=LOCATION]").click()
    press(page, "change")
    assert marks(page)["market"] == "location"
    event = document(page).events[0]
    span = next(one for one in document(page).spans if document(page).mention(one) == "market")
    assert span.id in event.roles["locations"]
    assert span.id not in event.roles["targets"]
    assert "market" in rows(page)[0][5]
    press(page, "remove")
    assert "market" not in marks(page)
    assert document(page).mention(document(page).spans[0]) == "Gunmen"
    press(page, "undo")
    press(page, "undo")
    assert marks(page)["market"] == "target"


def test_words_are_marked_by_selecting_them(page: Any) -> None:
    script = """
      const nodes = [...document.getElementById('article').childNodes].filter(n => n.nodeType === 3);
      const node = nodes.find(n => n.data.includes('Nobody'));
      const range = document.createRange();
      range.setStart(node, node.data.indexOf('obody'));
      range.setEnd(node, node.data.indexOf('obody') + 9);
      getSelection().removeAllRanges(); getSelection().addRange(range);"""
    page.execute_script(script)
    until(lambda: page.find_element("id", "words").get_attribute("value") == "Nobody was")  # whole words
    page.find_element("css selector", "#label option[value=PERPETRATOR]").click()
    page.find_element("css selector", "#ties input[value=E2]").click()
    press(page, "add")
    assert marks(page)["Nobody was"] == "perpetrator"
    made = document(page)
    span = next(one for one in made.spans if made.mention(one) == "Nobody was")
    assert made.events[1].roles["perpetrators"][-1] == span.id
    assert "Nobody was" in rows(page)[1][2]


def test_words_are_marked_by_writing_them(page: Any) -> None:
    words = page.find_element("id", "words")
    words.send_keys("fell from the sky")
    press(page, "add")
    assert "bad" in page.find_element("id", "status").get_attribute("class")
    words.clear()
    words.send_keys("named")
    page.find_element("css selector", "#label option[value=ATTACK]").click()
    page.find_element("css selector", "#type option[value=shelling]").click()
    press(page, "add")
    assert marks(page)["named"] == "attack: shelling"
    assert rows(page)[2][:2] == ["E3", "shelling"]  # an attack without an event gets one
    assert len(document(page).events) == 3


def test_types_of_an_event_and_its_triggers_stay_the_same(page: Any) -> None:
    mark(page, "exploded").click()
    page.find_element("css selector", "#type option[value=air_strike]").click()
    press(page, "change")
    assert rows(page)[1][1] == "air_strike"
    document(page)
    mark(page, "exploded").click()
    for number in ("E1", "E2"):
        page.find_element("css selector", f"#ties input[value={number}]").click()
    press(page, "change")
    assert document(page).events[0].attack_type in marks(page)["exploded"]
    for name in [words for words, tag in marks(page).items() if tag.startswith("attack")]:
        mark(page, name).click()
        press(page, "remove")
    assert rows(page) == []
    assert document(page).events == ()


def test_everything_works_by_keys(page: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    page.execute_script("[...document.querySelectorAll('#filter input')].at(-1).focus()")
    page.switch_to.active_element.send_keys(Keys.TAB)
    assert page.switch_to.active_element.text.startswith("Gunmen")
    page.switch_to.active_element.send_keys(Keys.TAB)
    page.switch_to.active_element.send_keys(Keys.ENTER)
    assert page.find_element("id", "words").get_attribute("value") == "opened fire"
    assert page.execute_script("return document.activeElement.id") == "label"
    page.execute_script("document.getElementById('remove').focus()")
    page.switch_to.active_element.send_keys(Keys.SPACE)
    assert "opened fire" not in marks(page)


def test_all_that_can_be_used_has_a_name(page: Any) -> None:
    script = """
      const named = (e) => e.labels?.length || e.textContent.trim() || e.ariaLabel || e.getAttribute('aria-labelledby');
      const used = document.querySelectorAll('input, select, textarea, button, [tabindex="0"]');
      return [...used].filter((e) => e.offsetParent && !named(e)).map((e) => e.outerHTML)"""
    assert page.execute_script(script) == []
    assert page.find_element("id", "status").get_attribute("role") == "status"


def test_the_document_can_be_downloaded_and_the_results_copied(page: Any, tmp_path: Path) -> None:
    page.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    press(page, "download")
    until(lambda: list(tmp_path.glob("*.jsonl")))
    (file,) = tmp_path.glob("*.jsonl")
    until(lambda: file.read_text(encoding="utf-8").endswith("\n"))
    made = Document.from_dict(json.loads(file.read_text(encoding="utf-8")))
    assert document_faults(made, load_schema()) == []
    assert (made.text, made.meta["date"]) == (TEXT, "2021-03-04")
    page.execute_script("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
    for name, start in (("copy-json", "{"), ("copy-csv", "\ufeffsource_id,")):
        press(page, name)
        until(lambda: page.find_element("id", "copied").is_displayed())
        until(lambda start=start: page.find_element("id", "copied").get_attribute("value").startswith(start))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_nothing_is_wider_than_the_page_and_words_can_be_read(page: Any, width: int, scheme: str) -> None:
    sized(page, width, scheme=scheme)
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    colors = page.execute_script(
        "const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]"
        ".map(c => c.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0) / 3)"
    )
    assert abs(colors[0] - colors[1]) > 150
    assert (colors[0] > colors[1]) == (scheme == "dark")


def test_a_refusal_is_told(browser: Any, service: httpx.Client) -> None:
    browser.get(str(service.base_url))
    ask(browser, "a" * 200_001)
    status = browser.find_element("id", "status")
    assert "bad" in status.get_attribute("class")
    assert "200,000" in status.text
    assert not browser.find_element("id", "result").is_displayed()


def test_a_key_is_asked_for_where_one_is_needed(browser: Any, tmp_path: Path) -> None:
    with started(tmp_path, environment={"CONFLICT_EVENTS_API_KEY": "secret-1"}) as (client, _):
        browser.get(str(client.base_url))
        ask(browser, TEXT)
        key = browser.find_element("id", "key")
        assert key.is_displayed()
        key.send_keys("secret-1")
        ask(browser, TEXT)
        assert len(rows(browser)) == 2
