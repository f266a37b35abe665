"""Rendering of self-contained HTML pages from templates; all text is escaped."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("training.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,  # a missing name is an error, not an empty cell
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, **values: Any) -> str:
    """Return a page made from a template of `training/reports/templates` and its variables.

    Example:
        >>> "&lt;b&gt;" in render("base.html", title="<b>")
        True
    """
    return _environment().get_template(template).render(**values)
