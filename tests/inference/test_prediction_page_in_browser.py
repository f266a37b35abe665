"""The page of predictions in a real browser: search, filters, lit spans and rows, phone and dark mode, no script."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from inference.html import page
from inference.places.gazetteer import Place
from tests.browsers import eventually, open_page
from tests.inference.test_prediction_html import HOSTILE, MARKS, SCHEMA, TEXT, placed, predict

RAID = predict(TEXT, MARKS)
BLAST = predict(f"A blast hit Kesra. {HOSTILE}", [("blast", "ATTACK", "bombing"), ("Kesra", "LOCATION", None)])
PAGE = page([("raid.txt", RAID), (f"{HOSTILE}.txt", BLAST), ("rain.txt", predict("Rain.", []))], SCHEMA)


def texts(browser: Any) -> list[str]:
    script = "return [...document.querySelectorAll('article')].filter(a => !a.hidden).map(a => a.id)"
    found: list[str] = browser.execute_script(script)
    listed = script.replace("'article'", "'nav li'").replace("a.id", "a.dataset.for")
    assert browser.execute_script(listed) == found
    return found


def lit(browser: Any) -> list[str]:
    found: list[str] = browser.execute_script("return [...document.querySelectorAll('.on')].map(a => a.id)")
    return found


@pytest.mark.slow
def test_search_and_filters(browser: Any, tmp_path: Path) -> None:
    from selenium.webdriver.support.select import Select

    open_page(browser, tmp_path, PAGE)
    assert [entry for entry in browser.get_log("browser") if entry["level"] in {"SEVERE", "WARNING"}] == []
    assert texts(browser) == ["d1-text", "d2-text", "d3-text"]
    search = browser.find_element("id", "search")
    search.send_keys("BLAST hit")
    assert texts(browser) == ["d2-text"]
    search.clear()
    search.send_keys("armed_assault")  # the small print in the text is no word of it, the table is
    assert texts(browser) == ["d1-text"]
    browser.execute_script("arguments[0].value = ''", search)
    kind = Select(browser.find_element("id", "type"))
    everything = ["d1-text", "d2-text", "d3-text"]
    for value, wanted in (("bombing", ["d2-text"]), ("no event", ["d3-text"]), ("any", everything)):
        kind.select_by_visible_text(value)
        assert texts(browser) == wanted
    browser.find_element("css selector", "[data-label=l0]").click()
    small = browser.find_element("css selector", "#d1-S2 small")
    assert not small.is_displayed()


@pytest.mark.slow
def test_filters_of_country_and_relevance(browser: Any, tmp_path: Path) -> None:
    from selenium.webdriver.support.select import Select

    niger = Place("Tera", "city", "NE", "NER", "Niger")
    given = [("a", placed(RAID)), ("b", placed(BLAST, niger, 0.4)), ("c", predict("Rain.", []))]
    open_page(browser, tmp_path, page(given, SCHEMA))
    country = Select(browser.find_element("id", "country"))
    assert [option.text for option in country.options] == ["any", "Mali", "Niger"]
    country.select_by_visible_text("Niger")
    assert texts(browser) == ["d2-text"]
    country.select_by_visible_text("any")
    least = browser.find_element("id", "least")
    browser.execute_script("arguments[0].value = 0.5; arguments[0].dispatchEvent(new Event('input'))", least)
    assert texts(browser) == ["d1-text", "d3-text"]  # where it is not known, nothing is hidden
    open_page(browser, tmp_path, PAGE)
    shown = [browser.find_element("id", name).is_displayed() for name in ("country", "least", "type")]
    assert shown == [False, False, True]


@pytest.mark.slow
def test_rows_and_spans_light_up_together(browser: Any, tmp_path: Path) -> None:
    from selenium.webdriver import ActionChains

    open_page(browser, tmp_path, PAGE)
    spans = [f"d1-{span.id}" for span in RAID.spans]
    row, mark = (browser.find_element("id", name) for name in ("d1-E1", "d1-S3"))
    ActionChains(browser).move_to_element(mark).perform()
    assert lit(browser) == ["d1-E1"]
    ActionChains(browser).move_to_element(row).perform()
    assert lit(browser) == spans
    ActionChains(browser).move_to_element(browser.find_element("css selector", "h1")).perform()
    assert lit(browser) == []
    browser.execute_script("arguments[0].focus()", row)
    assert lit(browser) == spans
    browser.execute_script("document.querySelector('#d1-S2 a').focus()")
    assert lit(browser) == ["d1-E1"]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_in_both_modes(browser: Any, tmp_path: Path, mode: str, width: int) -> None:
    feature = {"name": "prefers-color-scheme", "value": mode}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    open_page(browser, tmp_path, PAGE, width=width)
    assert eventually(lambda: browser.execute_script("return document.documentElement.scrollWidth") <= width)
    paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    channels = [int(number) for number in re.findall(r"\d+", paper)[:3]]
    assert (sum(channels) < 200) == (mode == "dark")
    head = browser.find_element("css selector", "#d1-text thead th")
    on_screen = browser.execute_script("return arguments[0].getBoundingClientRect().right > 0", head)
    assert on_screen == (width > 640)  # on a phone each event is a card
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@pytest.mark.slow
def test_the_page_can_be_read_without_scripts(browser: Any, tmp_path: Path) -> None:
    open_page(browser, tmp_path, re.sub(r"<script>.*?</script>", "", PAGE, flags=re.S))
    assert not browser.find_element("id", "tools").is_displayed()
    browser.find_element("css selector", 'nav a[href="#d2-text"]').click()
    assert browser.find_element("id", "d2-text").is_displayed()
    link = browser.find_element("css selector", "#d1-E1 td a")
    assert browser.find_element("css selector", str(link.get_attribute("href")).split("/")[-1].split("page.html")[-1])
