"""Sentences of running text, one a line of JSON Lines, joined to passages.

Broadcaster news is stored in single sentences, in their order. Twelve in a row, joined by blanks, are a passage.
"""

from __future__ import annotations

from pathlib import Path

from annotations.importers.base import Imported, Source
from annotations.importers.records import files_of, read_records
from annotations.importers.texts import COVERAGE, Text, unannotated

LENGTH = 12  # sentences in a passage; the annotations of shipped passages depend on it


def read(path: Path) -> Imported:
    """Read a JSON Lines file, or all of a folder; passages never join two files.

    Returns:
        Documents with ids such as `voa-passage-0003`, from the name of the file.

    Raises:
        DataError: With every fault found: lines that are not JSON, keys that are missing, duplicate ids.
    """
    documents = []
    for file in files_of(path, "*.jsonl"):
        sentences = [record["text"] for record in read_records(file, "*.jsonl", "id", Text).values()]
        for number, start in enumerate(range(0, len(sentences), LENGTH)):
            passage = " ".join(sentences[start : start + LENGTH])
            documents.append(unannotated(f"{file.stem}-passage-{number:04d}", passage))
    return Imported(tuple(documents))


SOURCE = Source("JSON Lines with a sentence each, joined to passages of twelve", COVERAGE, read)
