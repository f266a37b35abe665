"""Draw a picture of a page for docs/: `python -m tests.pictures PAGE FILE.png`.

The page is an HTML file, or the address of a server on this machine; `--shows WORDS` waits for words that a page writes
late, and `--press LABEL` then presses a button with this `aria-label`.
"""

from __future__ import annotations

import argparse
import base64
import io
import time
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from tests.browsers import chromium, eventually, wide

_SECONDS = 60.0  # for a page that loads its parts one after the other
_REST = 3.0  # for plots that are drawn after their words


def draw(page: str, file: Path, *, width: int, height: int, shows: str = "", press: Sequence[str] = ()) -> None:
    """Write what a browser of this size shows of a page.

    Raises:
        SystemExit: The page does not show the words.
    """
    with chromium() as browser:
        wide(browser, width, height)
        browser.get(page if "://" in page else Path(page).resolve().as_uri())
        if not eventually(lambda: shows in browser.find_element("tag name", "body").text, _SECONDS):
            raise SystemExit(f"{page}: does not show {shows!r} within {_SECONDS:.0f} s; check the address")
        time.sleep(_REST)
        for label in press:
            browser.find_element("css selector", f'button[aria-label="{label}"]').click()
            time.sleep(_REST)
        shot = Image.open(io.BytesIO(base64.b64decode(browser.get_screenshot_as_base64())))
    shot.convert("RGB").save(file, optimize=True)


def main() -> None:
    """Draw the picture that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", help="an HTML file, or http://…")
    parser.add_argument("file", type=Path, help="the picture, a PNG file")
    parser.add_argument("--width", type=int, default=1200)
    parser.add_argument("--height", type=int, default=1400)
    parser.add_argument("--shows", default="", help="words to wait for")
    parser.add_argument("--press", action="append", default=[], help="label of a button to press; may be repeated")
    draw(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
