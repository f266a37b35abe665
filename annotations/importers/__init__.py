"""Importers of annotated data of others.

Each importer is a module with a `SOURCE`. Values that cannot be aligned with a text are counted and listed.
"""
