"""Fragments for notebooks, and pages of any number of texts; all text is escaped, nothing is loaded from outside."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from annotations.schema import Schema
from inference.html.view import Shown, View, view

_HASH = 8  # hexadecimal digits that tell the texts of a notebook apart


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # costs time only where a page is made

    return Environment(
        loader=PackageLoader("inference.html", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _render(template: str, **values: Any) -> str:
    return str(_environment().get_template(template).render(**values))


def fragment(shown: Shown, name: str = "") -> str:
    """Return a text with its spans marked and its events in a table, with its own style and without a script."""
    key = f"ce-{hashlib.sha256(shown.text.encode('utf-8', 'replace')).hexdigest()[:_HASH]}-"
    one = view(shown, name, key)
    return _render("fragment.html", one=one, classes=_classes(shown.schema), schema=shown.schema)


def page(found: Iterable[tuple[str, Shown]], schema: Schema, title: str = "conflict-events") -> str:
    """Return a page of texts with their names; arguments as for `page_pieces`."""
    return "".join(page_pieces(found, schema, title))


def page_pieces(found: Iterable[tuple[str, Shown]], schema: Schema, title: str = "conflict-events") -> Iterator[str]:
    """Yield the pieces of a page, taking one prediction at a time.

    Several texts get a list with their counts, a search and filters. The page can be read without scripts.
    """
    script = _environment().get_template("page.js").render()
    classes = _classes(schema)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    yield _render("page_head.html", title=title, schema=schema, classes=classes, digest=digest)
    entries: list[tuple[str, str, int, int]] = []
    for number, (name, shown) in enumerate(found, start=1):
        one: View = view(shown, name, f"d{number}-")
        entries.append((one.key, name or f"Text {number}", len(one.rows), len(one.record["spans"])))
        yield _render("document.html", one=one, classes=classes, schema=schema)
    yield _render("page_end.html", entries=entries, event=schema.event, script=_safe(script))


def _classes(schema: Schema) -> dict[str, str]:
    """Return the CSS class of each label; labels may hold any characters, classes may not."""
    return {label: f"l{number}" for number, label in enumerate(schema.labels)}


def _safe(script: str) -> Any:
    from markupsafe import Markup

    return Markup(script)  # noqa: S704
