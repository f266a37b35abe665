"""Words for dates: which day they mean, and which are left open."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.dates import When, as_date, event_date, resolve
from inference.spans import PredictedSpan

ON = date(2021, 3, 4)  # a Thursday
DAYS = st.dates(date(1900, 1, 8), date(2099, 12, 31))
NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
PARTS = ["", "early on ", "late on ", "shortly after dawn on ", "about 7 a.m. on ", "before dawn on ", "noon on "]
WORDS = st.lists(
    st.sampled_from(
        [
            *(
                *NAMES,
                *MONTHS,
                "3",
                "31",
                "29",
                "2019",
                "1990",
                "of",
                "on",
                "last",
                "this",
                "past",
                "week",
                "month",
                "year",
            ),
            *("to", "and", "-", "between", "ago", "two", "days", "weekend", "overnight", "night", "before", "'89", "0"),
            *("today", "2021-02-30", "31/12/2020", "1/2/2020", ",", "early", "Christmas", "hours", "99", "years"),
        ]
    ),
    max_size=6,
).map(" ".join)


def shown(words: str, on: date | None = ON) -> str:
    found = resolve(words, on)
    if found is None:
        return ""
    ends = [found.start.isoformat()] + ([found.end.isoformat()] if found.end != found.start else [])
    return " ".join([*ends, found.precision])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Monday", "2021-03-01 day"),
        ("Thursday", "2021-03-04 day"),
        ("in the last week", "2021-02-25 2021-03-04 month"),
        ("the last two days", "2021-03-02 2021-03-04 week"),
        ("Friday", "2021-02-26 day"),
        ("late on Tuesday night", "2021-03-02 day"),
        ("shortly after eight on Sunday evening", "2021-02-28 day"),
        ("6.35 on Tuesday morning", "2021-03-02 day"),
        ("early hours of Wednesday", "2021-03-03 day"),
        ("before dawn Thursday", "2021-03-04 day"),
        ("last Friday", "2021-02-26 day"),
        ("Tuesday last week", "2021-02-23 day"),
        ("today", "2021-03-04 day"),
        ("about 9.20 p.m. yesterday", "2021-03-03 day"),
        ("last night", "2021-03-03 day"),
        ("early this morning", "2021-03-04 day"),
        ("overnight", "2021-03-03 2021-03-04 week"),
        ("the Sunday before last", "2021-02-21 day"),
        ("Thursday before last", "2021-02-18 day"),
        ("two Fridays ago", "2021-02-19 day"),
        ("the night before last", "2021-03-02 day"),
        ("last Sunday of January", "2021-01-31 day"),
        ("the second Monday in May", "2020-05-11 day"),
        ("Sept 21", "2020-09-21 day"),
        ("Sept. 21st", "2020-09-21 day"),
        ("4 March", "2021-03-04 day"),
        ("March 5", "2020-03-05 day"),
        ("29 February", "2020-02-29 day"),
        ("3 February 1990", "1990-02-03 day"),
        ("Feb. 3, 2008", "2008-02-03 day"),
        ("the 3rd of May 2003", "2003-05-03 day"),
        ("19 Apr 89", "1989-04-19 day"),
        ("Sunday, 27 December 2020", "2020-12-27 day"),
        ("night of 11 February last year", "2020-02-11 day"),
        ("2021-01-31", "2021-01-31 day"),
        ("31.12.2020", "2020-12-31 day"),
        ("12/31/2020", "2020-12-31 day"),
        ("Christmas Eve 2004", "2004-12-24 day"),
        ("in March", "2021-03-01 2021-03-04 week"),
        ("mid-April", "2020-04-01 2020-04-30 month"),
        ("February", "2021-02-01 2021-02-28 month"),
        ("last December", "2020-12-01 2020-12-31 month"),
        ("July 2009", "2009-07-01 2009-07-31 month"),
        ("March of last year", "2020-03-01 2020-03-31 month"),
        ("last month", "2021-02-01 2021-02-28 month"),
        ("last week", "2021-02-22 2021-02-28 week"),
        ("this week", "2021-03-01 2021-03-04 week"),
        ("weekend", "2021-02-27 2021-02-28 week"),
        ("two days ago", "2021-03-02 day"),
        ("three weeks ago", "2021-02-08 2021-02-14 week"),
        ("past ten days", "2021-02-22 2021-03-04 month"),
        ("past 24 hours", "2021-03-03 2021-03-04 week"),
        ("1998", "1998-01-01 1998-12-31 year"),
        ("last year", "2020-01-01 2020-12-31 year"),
        ("9 to 11 November", "2020-11-09 2020-11-11 week"),
        ("19–20 June", "2020-06-19 2020-06-20 week"),
        ("March 3-5, 2004", "2004-03-03 2004-03-05 week"),
        ("between May and July 2003", "2003-05-01 2003-07-31 year"),
        ("December to January 2003", "2002-12-01 2003-01-31 year"),
        ("Friday to Monday", "2021-02-26 2021-03-01 week"),
        ("Sunday night until Tuesday", "2021-02-28 2021-03-02 week"),
        ("1980 to 1984", "1980-01-01 1984-12-31 year"),
    ],
)
def test_days_and_intervals(words: str, expected: str) -> None:
    assert shown(words) == expected


@pytest.mark.parametrize(
    "words",
    [
        *("", "dawn", "7 a.m.", "Hours later", "the same day", "that night", "two days later", "three days after"),
        *("at 1930 hours", "about 2000 GMT"),
        *("a week earlier", "next Monday", "tomorrow", "before Monday", "after 3 May", "until Friday", "since 2019"),
        *("three days after 3 May", "a day before Monday", "Friday before Palm Sunday", "May of that year"),
        *(
            "Wednesday evening and dawn",
            "5 March 2022",
            "2022",
            "30 February 2020",
            "1/2/2020",
            "Monday 3 February 1990",
        ),
        *("last Tuesday", "last February", "the end of March", "first week of May", "spring 2011", "3, 5 and 8 May"),
        *("May 8 to", "the 14th", "Thursday to Monday to Friday", "0 May", "99 years"),
    ],
)
def test_what_is_unclear_stays_open(words: str) -> None:
    assert shown(words) == ""


def test_last_is_open_where_two_days_or_months_may_be_meant() -> None:
    assert shown("last Wednesday") == ""
    assert shown("last January") == ""
    assert shown("last weekend", date(2021, 3, 6)) == ""
    assert shown("last week", date(2021, 3, 7)) == ""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("3 February 1990", "1990-02-03 day"),
        ("July 2009", "2009-07-01 2009-07-31 month"),
        ("1998", "1998-01-01 1998-12-31 year"),
    ],
)
def test_dates_with_a_year_need_no_article(words: str, expected: str) -> None:
    assert shown(words, None) == expected


@pytest.mark.parametrize(
    "words", ["Monday", "Sept 21", "in March", "last week", "two days ago", "19 Apr 89", "May last year"]
)
def test_other_dates_do(words: str) -> None:
    assert shown(words, None) == ""


@given(on=DAYS, name=st.sampled_from(NAMES), part=st.sampled_from(PARTS))
def test_a_weekday_is_the_last_one_up_to_the_article(on: date, name: str, part: str) -> None:
    found = resolve(part + name, on)
    assert found is not None
    assert found.start == found.end
    assert on - timedelta(days=7) < found.start <= on
    assert found.start.weekday() == NAMES.index(name)


@given(on=DAYS, told=DAYS)
def test_a_full_date_is_read_back(on: date, told: date) -> None:
    for form in (
        f"{told.day} {MONTHS[told.month - 1]} {told.year}",
        f"{MONTHS[told.month - 1]} {told.day}, {told.year}",
    ):
        expected = When(told, told) if told <= on else None
        assert resolve(form, on) == resolve(f"the night of {form}", on) == expected
        assert resolve(form) == When(told, told)


@given(on=DAYS, told=DAYS)
def test_a_day_without_a_year_is_the_last_one_up_to_the_article(on: date, told: date) -> None:
    found = resolve(f"{told.day} {MONTHS[told.month - 1]}", on)
    assert found is not None
    assert (found.start.day, found.start.month) == (told.day, told.month)
    assert timedelta(0) <= on - found.start <= timedelta(days=366 if told.day < 29 else 366 * 8)


@given(words=WORDS | st.text(max_size=30), on=DAYS | st.dates() | st.none())
def test_any_words_give_a_date_up_to_the_article_or_none(words: str, on: date | None) -> None:
    found = resolve(words, on)
    if found:
        assert found.start <= found.end
        assert on is None or found.end <= on
        assert found.precision in ("day", "week", "month", "year")
        assert resolve(words.upper(), on) == resolve(f" {words}, ", on) == found


@pytest.mark.parametrize(
    "word", ["one", "five past", "half past", "a", "before one", "early", "one-", "Monday", "1 to"]
)
def test_many_words_take_no_time(word: str) -> None:
    started = perf_counter()
    for text in (f"{word} " * 30, f"{word} " * 30 + "Monday", "Monday " + f"{word} " * 30 + "x", f"{word} " * 10**5):
        resolve(text[:99], ON)
        resolve(text, ON)
    assert perf_counter() - started < 1


def test_the_date_of_an_event_is_its_first_one_or_a_narrower_one_within() -> None:
    def told(*mentions: str) -> tuple[str, str] | None:
        spans = [PredictedSpan(f"S{n}", 0, len(words), words, "DATE", None, 0.9) for n, words in enumerate(mentions)]
        found = event_date([(span, span.text) for span in spans], ON)
        return (found.start.isoformat(), found.span.id) if found else None

    assert told() is told("dawn", "next day") is None
    assert told("dawn", "Monday", "Tuesday") == ("2021-03-01", "S1")
    assert told("last week", "last month", "Tuesday", "Friday") == ("2021-02-26", "S3")


@pytest.mark.parametrize("given", ["2021-03-04", date(2021, 3, 4), datetime(2021, 3, 4, 5), "2021-03-04T05:06:07Z"])
def test_the_day_of_an_article(given: str | date) -> None:
    assert as_date(given) == date(2021, 3, 4)
    assert as_date(None) is None


@pytest.mark.parametrize(
    "given", ["", "2021", "4 March 2021", "2021-02-30", "20210304", "2021-W09-4", "2021-03-04x", 2021]
)
def test_what_is_no_day(given: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        as_date(given)  # type: ignore[arg-type]
