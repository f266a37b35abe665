"""Dates: the words for a date as days of the calendar, given the day of the article."""

from inference.dates.calendar_words import leaves_open
from inference.dates.resolve import EventDate, event_date, resolve
from inference.dates.when import Day, When, as_date

__all__ = ["Day", "EventDate", "When", "as_date", "event_date", "leaves_open", "resolve"]
