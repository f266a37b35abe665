"""Entities: which mentions of a document name the same doers or the same victims."""
