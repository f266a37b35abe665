"""What callers give to a model: texts, their days and numbers, checked."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import repeat

from annotations.io.paths import is_path
from inference.dates import Day, as_date

GivenDate = str | Day | None
_END = object()


class Given(Iterable[str]):
    """Texts and their days, read together as the texts are needed.

    A fault ends the texts and is kept, so that the texts before it can be finished first.

    Args:
        texts: Texts.
        dates: The day of each, as many as texts; None if no day is known.
    """

    def __init__(self, texts: Iterable[str], dates: Iterable[GivenDate] | None) -> None:
        self._texts, self._dates = texts, dates
        self._fault: Exception | None = None
        self.days: deque[Day | None] = deque()  # of the texts read; the caller takes each away

    def __iter__(self) -> Iterator[str]:
        """Yield the texts up to the first fault."""
        try:
            yield from self._checked()
        except Exception as error:  # noqa: BLE001  (kept for `raise_fault`)
            self._fault = error

    def raise_fault(self) -> None:
        """Raise the error that ended the texts, if one did."""
        if self._fault is not None:
            raise self._fault

    def _checked(self) -> Iterator[str]:
        dates = iter(repeat(None) if self._dates is None else self._dates)
        number = 0
        for text in self._texts:
            checked = checked_text(text, f"text[{number}]")
            self.days.append(_day(next(dates, _END), number))
            number += 1
            yield checked
        if self._dates is not None and next(dates, _END) is not _END:
            raise ValueError(f"{number} texts, and more dates than that; give one for each text")


def _day(given: object, number: int) -> Day | None:
    if given is _END:
        raise ValueError(f"text[{number}] has no date, after {number} dates; give one for each text")
    try:
        return _as_day(given)
    except (TypeError, ValueError) as error:
        raise type(error)(f"date of text[{number}]: {error}") from None


def _as_day(given: object) -> Day | None:
    """Return a day; None also for what stands for a missing value in a column of pandas."""
    try:
        missing = given is not None and bool(given != given)  # NaN and NaT  # noqa: PLR0124
    except TypeError:  # NA has no truth value
        missing = True
    return None if missing else as_date(given)  # type: ignore[arg-type]  # as_date refuses other types


def days_of(given: GivenDate | Iterable[GivenDate], count: int) -> list[Day | None]:
    """Return the day of each text, before any is read.

    Args:
        given: One day for all texts, or one for each.
        count: Number of texts.

    Raises:
        ValueError: There is not one for each text, or a date is none.
    """
    if given is None or isinstance(given, str | Day):
        return [as_date(given)] * count
    days = [_as_day(one) for one in given]
    if len(days) != count:
        raise ValueError(f"{len(days)} dates for {count} texts; give one for all, or one for each")
    return days


def one_text(text: str) -> str:
    """Return a text that was given alone, if it is one.

    Raises:
        ValueError: It has half of a surrogate pair, or is the path of a file.
    """
    if is_path(text):
        raise ValueError(
            f"{text!r:.200} is the path of a file, not a text; give its text (Path(…).read_text()), or use "
            "'conflict-events predict' for files"
        )
    return checked_text(text, "text")


def all_texts(texts: object) -> list[str]:
    """Return texts that were given together: a list, a generator, a column of a table.

    Raises:
        TypeError: It is no iterable of strings; a wrong item is named by its index.
        ValueError: An item has half of a surrogate pair.

    Example:
        >>> all_texts(text for text in ("Gunmen struck.", "Rain fell."))
        ['Gunmen struck.', 'Rain fell.']
    """
    if isinstance(texts, bytes | bytearray | Mapping | Set) or hasattr(texts, "columns"):  # a table gives its heads
        raise _no_texts(texts)
    try:
        items = iter(texts)  # type: ignore[call-overload]
    except TypeError:
        raise _no_texts(texts) from None
    return [checked_text(item, f"text[{number}]") for number, item in enumerate(items)]


def _no_texts(given: object) -> TypeError:
    return TypeError(f"predict takes a string or an iterable of strings, got {type(given).__name__}")


def checked_text(text: object, name: str) -> str:
    """Return a text if it is one.

    Args:
        text: What was given.
        name: What to call it in the message, such as `text[3]`.

    Raises:
        TypeError: It is not a string.
        ValueError: It has half of a surrogate pair.
    """
    if not isinstance(text, str):
        raise TypeError(f"{name} is {type(text).__name__}, not a string")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"{name} has half of a surrogate pair at offset {error.start}, which is not a character; decode the source "
            "again"
        ) from None
    return text


def checked_least(number: object, name: str) -> float:
    """Return a least score or probability: a number between 0 and 1; 0 for None.

    Args:
        number: What was given.
        name: What to call it in the message.

    Raises:
        ValueError: It is none.
    """
    if number is None:
        return 0.0
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= 1:
        raise ValueError(f"{name} {number!r} is not a number between 0 and 1")
    return number
