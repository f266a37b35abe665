"""Data that others annotated, read as documents.

Each importer is a module of its own with a `SOURCE`. What cannot be aligned with a text is counted and listed.
"""
