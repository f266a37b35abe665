"""What is installed: the version of this package, and which of its extras brings a missing library."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any

import regex

DISTRIBUTION = "conflict-events"
# Libraries that are imported under another name than they are installed, or that come with another library.
_BROUGHT_BY = {
    "alembic": "mlflow",
    "httpx": "label-studio-sdk",
    "huggingface_hub": "transformers",
    "scipy": "scikit-learn",
    "sklearn": "scikit-learn",
    "sqlalchemy": "mlflow",
}
_EXTRA = regex.compile(r"([\w.-]+).*;.*\bextra\s*==\s*['\"]([\w-]+)['\"]")


def installed_version() -> str:
    """Return the version of this package; `unknown` where it is not installed, as in a copy of its source."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "unknown"


@lru_cache(maxsize=1)
def _extras() -> dict[str, str]:
    """The first extra that brings each library, by normalised name; the libraries for development are left out."""
    try:
        lines = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        return {}
    found: dict[str, str] = {}
    for name, extra in (match.groups() for match in map(_EXTRA.match, lines) if match):
        if extra != "dev":
            found.setdefault(_normal(name), extra)
    return found


def _normal(name: str) -> str:
    return regex.sub("[-_.]+", "-", name).lower()


def extra_of(module: str) -> str | None:
    """Return the extra that brings a library; None if the package needs it anyway, or has nothing to do with it.

    Example:
        >>> extra_of("mlflow.entities"), extra_of("sklearn"), extra_of("numpy")
        ('train', 'train', None)
    """
    top = module.split(".", maxsplit=1)[0]
    return _extras().get(_normal(_BROUGHT_BY.get(top, top)))


class LackingError(ImportError):
    """A library is missing; the message says what needs it, and what to install."""

    def __init__(self, what: str, library: str, extra: str) -> None:
        super().__init__(f"{what} needs {library}: pip install '{DISTRIBUTION}[{extra}]'", name=library)
        self.extra = extra


def imported(module: str, what: str, extra: str | None = None) -> Any:
    """Import a library of an extra where it is needed; arguments but the first as for `lacking`.

    Raises:
        ImportError: It is not installed; the message says what to install.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise lacking(error, what, extra) from None


def lacking(error: ImportError, what: str = "this", extra: str | None = None) -> ImportError:
    """Return an error that says what to install, for a library that cannot be imported.

    Args:
        error: The error of the import. One that says what to install already keeps its extra, and gets the new name
            of what needs it: a command instead of a part of it.
        what: What needs the library.
        extra: The extra to install, where several bring the library.

    Returns:
        The error to raise; the same one if no extra brings the library.

    Example:
        >>> print(lacking(ModuleNotFoundError("No module named 'mlflow'", name="mlflow"), "promote"))
        promote needs mlflow: pip install 'conflict-events[train]'
    """
    library = (error.name or "").split(".")[0]
    known = error.extra if isinstance(error, LackingError) else None
    chosen = extra or known or extra_of(library)
    return LackingError(what, library, chosen) if library and chosen else error
