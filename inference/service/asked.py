"""What clients ask for: the JSON of a request, checked, with the place of each fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from annotations.errors import DataError
from annotations.io.json_text import parse_json
from inference.dates import Day, as_date
from inference.service.errors import Refused
from inference.service.settings import Settings

_EXAMPLE = "Gunmen opened fire at a market in Gao on Friday, killing at least 12 traders and wounding dozens."
_Text = Annotated[str, Field(description="The text of an article.", examples=[_EXAMPLE])]
_Date = Annotated[
    str | None,
    Field(
        description="The day of the article, from which 'Friday' is counted.",
        examples=["2021-03-04"],
        json_schema_extra={"format": "date"},
    ),
]
_Id = Annotated[str | None, Field(min_length=1, max_length=200, description="Your id of the article.")]
_Score = Annotated[float, Field(ge=0, le=1, description="Events with a lower score are left out.")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class ArticleBody(_Strict):
    """One article of many."""

    text: _Text
    date: _Date = None
    id: _Id = None


class OneBody(ArticleBody):
    """A request with one article."""

    min_event_score: _Score | None = None


class ManyBody(_Strict):
    """A request with many articles: texts, or objects with a text, a date and an id."""

    texts: Annotated[list[str | ArticleBody], Field(min_length=1)]
    date: _Date = None
    min_event_score: _Score | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """An article to predict."""

    text: str
    date: Day | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A checked request."""

    articles: tuple[Article, ...]  # its articles
    many: bool  # whether the answer is a list
    min_event_score: float | None = None  # events with a lower score are left out; None: the model's own

    @property
    def characters(self) -> int:
        """Characters of all texts."""
        return sum(len(article.text) for article in self.articles)


def read_asked(body: bytes, settings: Settings) -> Asked:
    r"""Read the body of a request.

    Raises:
        Refused: 400 if it is not JSON, 422 if it asks for what cannot be answered; with the place.

    Example:
        >>> read_asked(b'{"text": "A blast.", "date": "2021-03-04"}', Settings()).articles[0].date
        datetime.date(2021, 3, 4)
        >>> read_asked(b'{"texts": ["A blast.", 7]}', Settings())
        Traceback (most recent call last):
        inference.service.errors.Refused: texts[1]: is neither a text nor an object with a text
    """
    record = _record(body)
    many = "texts" in record
    _check_count(record, settings)
    try:
        asked: Any = (ManyBody if many else OneBody).model_validate(record)
    except ValidationError as error:
        raise _invalid(error, many=many) from None
    given = asked.texts if many else [asked]
    articles = []
    for number, one in enumerate(given):
        place = f"texts[{number}]." if many else ""
        if isinstance(one, str):
            articles.append(_article(one, asked.date, None, f"texts[{number}]", "date", settings))
        else:
            day, named = (one.date, f"{place}date") if one.date is not None else (asked.date, "date")
            articles.append(_article(one.text, day, one.id, f"{place}text", named, settings))
    made = Asked(tuple(articles), many, asked.min_event_score)
    if made.characters > settings.queue_characters:
        message = f"all texts together have {made.characters:,} characters, more than {settings.queue_characters:,}"
        raise Refused(
            422, "too_many_characters", f"{message}; send fewer at once", place="texts", limit=settings.queue_characters
        )
    return made


def _record(body: bytes) -> dict[str, Any]:
    try:
        record = parse_json(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        message = f"the body is not UTF-8 at byte {error.start}; encode it again"
        raise Refused(400, "not_json", message, place=f"byte {error.start}") from None
    except DataError as error:
        fault = error.faults[0]
        # What is JSON, but holds no text that can be read, has another status than what is none.
        whole = "surrogate" in fault.problem
        place = fault.place or None
        raise Refused(422 if whole else 400, "not_text" if whole else "not_json", str(fault), place=place) from None
    if not isinstance(record, dict):
        raise Refused(422, "wrong_type", 'the body is not an object; send {"text": …} or {"texts": […]}')
    return record


def _check_count(record: dict[str, Any], settings: Settings) -> None:
    """Refuse too many texts before each is looked at."""
    texts = record.get("texts")
    if isinstance(texts, list) and len(texts) > settings.texts:
        message = f"{len(texts):,} texts are more than {settings.texts:,}; send them in several requests"
        raise Refused(422, "too_many_texts", message, place="texts", limit=settings.texts)


def _invalid(error: ValidationError, *, many: bool) -> Refused:
    """Turn the first fault that pydantic found into a refusal."""
    found = error.errors(include_url=False, include_input=False)
    # Of an item that is neither a text nor an object there is a fault for each of both; the more exact one is longer.
    first = max(found[:2], key=lambda one: len(one["loc"])) if many else found[0]
    steps = [step for step in first["loc"] if step not in ("str", "ArticleBody")]
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
    if many and len(steps) == 2:  # noqa: PLR2004 - the list and the number of an item
        problem = "is neither a text nor an object with a text"
    elif first["type"] == "missing":
        problem = "is missing"
    elif first["type"] == "extra_forbidden":
        problem = "is no key of a request; known are text, texts, date, id, min_event_score"
    else:
        problem = first["msg"][0].lower() + first["msg"][1:]
    code = "unknown_key" if first["type"] == "extra_forbidden" else "wrong_type"
    return Refused(422, code, f"{place:.200}: {problem:.300}", place=place[:200])


def _article(text: str, date: str | None, name: str | None, place: str, dated: str, settings: Settings) -> Article:
    if len(text) > settings.characters:
        message = f"{place}: has {len(text):,} characters, more than {settings.characters:,}; send parts of it"
        raise Refused(422, "text_too_long", message, place=place, limit=settings.characters)
    if "\x00" in text:
        message = f"{place}: has the character NUL at offset {text.index(chr(0))}; decode the text again"
        raise Refused(422, "not_text", message, place=place)
    if name is not None and "\x00" in name:
        where = place.removesuffix("text") + "id"
        raise Refused(422, "not_text", f"{where}: has the character NUL; write another id", place=where)
    try:
        return Article(text, as_date(date), name)
    except ValueError:
        message = f"{dated}: {date!r:.40} is no date; write it like 2021-03-04"
        raise Refused(422, "not_a_date", message, place=dated) from None
