"""The names of all texts of a run, to find one that stands twice."""

from __future__ import annotations

import sqlite3


class Names:
    """Names and where they stand, in a temporary file, so that millions of them take no memory."""

    def __init__(self) -> None:
        # Texts may be read in another thread than the one that makes this; never in two at once.
        self._store = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._store.execute("PRAGMA journal_mode = OFF")
        self._store.execute("CREATE TABLE names (name TEXT PRIMARY KEY, place TEXT) WITHOUT ROWID")

    def add(self, name: str, place: str) -> str | None:
        """Add a name; if it stands already, return where.

        Example:
            >>> names = Names()
            >>> names.add("x", "line 1 of a.jsonl"), names.add("x", "line 2 of a.jsonl")
            (None, 'line 1 of a.jsonl')
        """
        added = self._store.execute("INSERT OR IGNORE INTO names VALUES (?, ?)", (name, place)).rowcount
        if added:
            return None
        (found,) = self._store.execute("SELECT place FROM names WHERE name = ?", (name,)).fetchone()
        return str(found)
