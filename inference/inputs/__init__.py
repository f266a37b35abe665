"""Texts from files, folders, tables and standard input, with their names, days and other columns."""

from inference.inputs.articles import read_articles
from inference.inputs.columns import Columns
from inference.inputs.records import Input
from inference.inputs.scan import Reader, files_named, read_inputs, scan_inputs
from inference.inputs.survey import count_inputs, other_columns, state_of

__all__ = [
    "Columns",
    "Input",
    "Reader",
    "count_inputs",
    "files_named",
    "other_columns",
    "read_articles",
    "read_inputs",
    "scan_inputs",
    "state_of",
]
