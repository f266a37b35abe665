"""The sources that can be imported, by name."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from annotations.errors import DataError, nearest
from annotations.importers.base import Source

_MODULES: Mapping[str, str] = {
    "conll": "conll",
    "hrdsattack": "hrdsattack",
    "label-studio": "label_studio",
    "muc4": "muc4.texts_and_keys",
    "muc4-json": "muc4.role_fillers",
    "sentences": "sentences",
    "texts": "texts",
    "wikievents": "wikievents.news_articles",
    "wiki-incidents": "wiki_incidents.incident_lists",
}
NAMES = tuple(_MODULES)


def source(name: str) -> Source:
    """Return a source by name.

    Raises:
        DataError: There is no such source.

    Example:
        >>> source("texts").summary
        'JSON Lines with id and text, without annotations'
    """
    if name not in _MODULES:
        raise DataError.of(f"unknown source {name!r}", nearest(name, NAMES))
    found: Source = import_module(f"annotations.importers.{_MODULES[name]}").SOURCE
    return found
