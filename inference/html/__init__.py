"""Predictions as HTML: texts with their spans marked, their events in tables, and pages of many texts."""

from inference.html.view import fragment, page, page_pieces

__all__ = ["fragment", "page", "page_pieces"]
