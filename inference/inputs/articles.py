"""Documents to annotate: data files, named sets, or plain texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from annotations.document import Document, repeated_ids
from annotations.errors import DataError, Fault, collecting
from annotations.formats.jsonl import NAMED, read_documents
from annotations.formats.texts import TextSource
from annotations.io.decoding import text_files
from annotations.io.paths import exists, kind_of
from inference.inputs.scan import text_file


def read_articles(inputs: Sequence[str], texts: TextSource | None = None) -> list[Document]:
    """Read documents to annotate: data files, named sets, or plain texts.

    Args:
        inputs: Each one a data file (`.jsonl`), a named set, a `.txt` file, or a folder of `.txt` files. The id of a
            plain text is its path without `.txt`, relative to the folder. An existing folder takes precedence over a
            named set of the same name.
        texts: The texts of stand-off documents.

    Returns:
        Documents with unique ids.

    Raises:
        DataError: An input cannot be read, or two have the same id; it has all faults.
    """
    documents: list[Document] = []
    faults: list[Fault] = []
    for item in inputs:
        with collecting(faults):
            documents += _articles(item, texts)
    DataError.check([*faults, *repeated_ids(document.id for document in documents)])
    return documents


def _articles(item: str, texts: TextSource | None) -> list[Document]:
    path = Path(item)
    if not exists(path) or not (path.is_dir() or (item not in NAMED and kind_of(path) != "jsonl")):
        return read_documents(item, texts)
    folder = path if path.is_dir() else path.parent
    files = text_files(path) if path.is_dir() else [path]
    if not files:
        raise DataError.of("the folder has no .txt file", "name the files", file=item)
    read = [(file, text_file(file)) for file in files]
    if faults := [fault for _, one in read for fault in one.faults]:
        raise DataError(faults)
    return [Document(str(file.relative_to(folder).with_suffix("")), one.text or "") for file, one in read]
