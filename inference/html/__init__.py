"""Predictions as HTML: texts with their spans marked, their events in tables, and pages of many texts."""

from inference.html.pages import fragment, page, page_pieces
from inference.html.view import Shown

__all__ = ["Shown", "fragment", "page", "page_pieces"]
