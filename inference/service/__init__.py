"""A service over HTTP: predictions from one model for many clients, and a page to try it (extra `serve`).

Example:
    >>> from inference.service import Settings
    >>> Settings(texts=10).texts
    10
"""

from inference.service.settings import Settings

__all__ = ["Settings"]
