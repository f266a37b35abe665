"""Aligning the values of a source with its text: where they are, which of them overlap, and what is lost."""
