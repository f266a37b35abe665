"""Short articles of our own writing, as many as are wanted: paragraphs and runs of sentences of the embedded corpus."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

from annotations import read_documents
from annotations.io.writing import replacing_bytes
from inference.tables import Column
from inference.tables.parquet import parquet_rows

_LEAST, _MOST = 35, 45  # words of an article
_SETS = ("corpus/train", "corpus/dev")
_COLUMNS = [Column("id", "text", ""), Column("text", "text", ""), Column("number", "integer", "")]


def short_texts() -> list[str]:
    """Return texts of 35 to 45 words, each only once."""
    found: dict[str, None] = {}
    for name in _SETS:
        for document in read_documents(name):
            words = document.text.split()
            for start in range(0, len(words), _LEAST):
                text = " ".join(words[start : start + _LEAST + start % (_MOST - _LEAST + 1)])
                if len(text.split()) >= _LEAST:
                    found[text] = None
    return list(found)


def write_wire(path: Path, texts: Sequence[str], articles: int) -> None:
    """Write so many articles to a Parquet file; the texts come round again. One that is there already is kept."""
    told = path.with_suffix(".json")
    if told.exists() and json.loads(told.read_text(encoding="utf-8")) == [articles, len(texts)]:
        return
    with replacing_bytes(path) as stream, parquet_rows(stream, _COLUMNS) as put:
        for number, text in enumerate(islice(cycle(texts), articles)):
            put({"id": f"a{number:07}", "text": text, "number": number})
    told.write_text(json.dumps([articles, len(texts)]), encoding="utf-8")
