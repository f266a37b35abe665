"""Tables of predictions: one row an event, and one row a span."""

from inference.tables.columns import Column, event_columns, span_columns
from inference.tables.rows import event_rows, span_rows

__all__ = ["Column", "event_columns", "event_rows", "span_columns", "span_rows"]
