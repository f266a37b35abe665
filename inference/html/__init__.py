"""Predictions as HTML: texts with their spans marked, their events in tables, and pages of many texts."""

from inference.html.view import Shown, fragment, page, page_pieces

__all__ = ["Shown", "fragment", "page", "page_pieces"]
