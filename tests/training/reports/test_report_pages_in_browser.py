"""The pages on an evaluation and on a comparison in a real browser: filters, keys, phone and paper."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from tests.browsers import eventually, open_page
from tests.training.reports.evaluated import SCRIPT, pages


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages()


def shown(browser: Any) -> list[str]:
    """Ids of the documents that are visible, from the top down."""
    script = "return [...document.querySelectorAll('.doc')].filter(d => d.offsetParent).map(d => d.id)"
    found: list[str] = browser.execute_script(script)
    return found


def press(browser: Any, group: str, value: str) -> Any:
    button = browser.find_element("css selector", f'[data-group="{group}"] button[data-value="{value}"]')
    button.click()
    return button


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
    assert eventually(lambda: place() == str(link.get_attribute("href")).split("#")[1])


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


def column(browser: Any, table: str, number: int) -> list[str]:
    script = f"return [...document.querySelector({table!r}).tBodies[0].rows].map(r => r.cells[{number}].textContent)"
    found: list[str] = browser.execute_script(script)
    return found


@pytest.mark.slow
def test_tables_are_sorted_and_come_back(browser: Any, made: dict[str, str], tmp_path: Path) -> None:
    open_page(browser, tmp_path, made["evaluation"])
    table = "#errors ~ .scroll table"
    given = column(browser, table, 0)
    head = browser.find_elements("css selector", f"{table} th button.sort")[1]
    orders = []
    for _ in range(3):
        head.click()
        orders.append([int(number) for number in column(browser, table, 1)])
    assert orders[0][:-1] == sorted(orders[0][:-1], reverse=True)
    assert orders[1][:-1] == sorted(orders[1][:-1])
    assert {order[-1] for order in orders} == {sum(orders[0][:-1])}  # the sum stays below
    assert column(browser, table, 0) == given
    assert browser.find_elements("css selector", f"{table} th[aria-sort]") == []


@pytest.mark.slow
def test_a_table_is_downloaded_without_formulas(browser: Any, made: dict[str, str], tmp_path: Path) -> None:
    open_page(browser, tmp_path, made["evaluation"])
    browser.execute_script(
        "window.files = []; HTMLAnchorElement.prototype.click = function () { files.push(this.download) };"
        "URL.createObjectURL = blob => { blob.arrayBuffer().then(a => files.push(new TextDecoder('utf-8', "
        "{ ignoreBOM: true }).decode(a))); return 'blob:x' };"
        "document.querySelector('#tolls ~ .scroll tbody td').textContent = '=1+1, \"x\"; @home';"
    )
    browser.find_element("css selector", "#tolls ~ button.csv").click()
    assert eventually(lambda: browser.execute_script("return files.length") == 2)
    name, content = sorted(browser.execute_script("return files"), key=len)
    assert name == "wrong-numbers-of-people.csv"
    assert content.startswith("\ufeffdocument,event,kind,right,predicted,sentence\r\n")
    assert content.split("\r\n")[1].startswith('"\'=1+1, ""x""; \'@home",')


@pytest.mark.slow
def test_a_slice_leads_to_its_documents(browser: Any, made: dict[str, str], tmp_path: Path) -> None:
    open_page(browser, tmp_path, made["evaluation"])
    cell = browser.find_element("css selector", "td[data-docs]")
    wanted = {f"d{number}" for number in cell.get_attribute("data-docs").split()}
    cell.find_element("css selector", "button").click()
    assert set(shown(browser)) == wanted
    browser.switch_to.active_element.click()
    assert len(shown(browser)) == 13
