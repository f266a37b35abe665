"""A real browser for tests of pages: Chromium without a window, with no network of its own."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.servers import needed


@contextmanager
def chromium() -> Iterator[Any]:
    """Start Chromium, yield its driver, and end it."""
    webdriver = pytest.importorskip("selenium.webdriver")
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = needed("chromium")
    quiet = ("background-networking", "component-update", "gpu", "quic", "sync")
    for word in ("headless=new", "no-sandbox", "no-first-run", *(f"disable-{name}" for name in quiet)):
        options.add_argument(f"--{word}")
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as folder:
        options.add_argument(f"--user-data-dir={folder}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = webdriver.Chrome(options=options, service=Service(needed("chromedriver")))
        try:
            yield driver
        finally:
            driver.quit()


def wide(browser: Any, width: int, height: int = 1000) -> None:
    """Give the page a width and height."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def sized(browser: Any, width: int, scheme: str = "light") -> None:
    """Give the page a width, and let it prefer a light or dark scheme."""
    wide(browser, width)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def open_page(browser: Any, folder: Path, content: str, width: int = 1200) -> None:
    (folder / "page.html").write_text(content, encoding="utf-8", newline="")
    wide(browser, width)
    browser.get((folder / "page.html").as_uri())


def eventually(holds: Callable[[], bool], seconds: float = 5) -> bool:
    """Whether something holds within some seconds: a browser lays out anew when it has time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
