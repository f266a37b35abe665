"""Which columns of a table, or keys of a record, hold the text, the id, the title and the date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from annotations.errors import Fault, nearest
from annotations.text.words import listed

# By role: the names under which archives keep it, in small letters, with `_` for blanks and hyphens.
NAMES = {
    "text": listed(
        "text body content article article_text article_body full_text fulltext body_text text_body main_text maintext "
        "story story_text plain_text content_text"
    ),
    "id": listed("id doc_id document_id docid article_id uid uuid guid source_id identifier"),
    "title": listed("title headline heading head_line article_title"),
    "date": listed(
        "date published published_at published_on publish_date published_date publication_date date_published pub_date "
        "pubdate date_publish article_date datetime"
    ),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that a user names.

    Args:
        text: The column of the text; None: found by its name.
        id: The column of the id; also: empty for none.
        title: The column of the title; also: empty for none.
        date: The column of the day of the text; also: empty for none.
    """

    text: str | None = None
    id: str | None = None
    title: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Chosen(Columns):
    """The columns of one table or record: a name for each role, None where there is none; and what is wrong."""

    problems: tuple[Fault, ...] = ()


def choose(names: Sequence[str], given: Columns, *, complete: bool) -> Chosen:
    """Choose the columns of a table or record.

    Args:
        names: The names of all its columns.
        given: Those that the user names.
        complete: Whether a named column must be there; a single record may lack one.

    Returns:
        The choice. Its faults have no file yet.

    Example:
        >>> chosen = choose(["ID", "Headline", "Full text"], Columns(), complete=True)
        >>> chosen.id, chosen.title, chosen.text
        ('ID', 'Headline', 'Full text')
    """
    found: dict[str, str | None] = {}
    problems: list[Fault] = []
    for role in (field.name for field in fields(given)):
        wanted = getattr(given, role)
        if wanted is None:
            candidates = [name for name in names if means(name, role)]
            if len(candidates) > 1:
                problems.append(_several(role, candidates))
            found[role] = candidates[0] if len(candidates) == 1 else None
        else:
            found[role] = wanted if wanted in names else None
            if wanted and wanted not in names and complete:
                problems.append(Fault(f"has no column {wanted!r}", nearest(wanted, names)))
    if not found["text"] and not problems:
        problems.append(_no_text(names, given))
    return Chosen(**found, problems=tuple(problems))


def unseen(given: Columns, seen: Sequence[str]) -> Iterator[str]:
    """Yield named columns that no record has."""
    yield from (name for name in (given.text, given.id, given.title, given.date) if name and name not in seen)


def means(name: str, role: str) -> bool:
    """Whether a column of this name usually has a role.

    Example:
        >>> means("Full-Text", "text"), means("notes", "text")
        (True, False)
    """
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split()) in NAMES[role]


def _several(role: str, candidates: Sequence[str]) -> Fault:
    shown = ", ".join(map(repr, candidates))
    none = "" if role == "text" else f", or --{role}-column '' for none"
    return Fault(f"has several columns for the {role}: {shown}", f"choose with --{role}-column NAME{none}")


def _no_text(names: Sequence[str], given: Columns) -> Fault:
    shown = f" among {', '.join(repr(name) for name in list(names)[:8])}" if names else ""
    wanted = repr(given.text) if given.text else "'text'"
    return Fault(f"has no column or key {wanted}{shown}", "name the one that holds the text with --text-column NAME")
