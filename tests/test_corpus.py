"""The embedded corpus: sound, with no id twice, and with enough documents in which nothing happens."""

from __future__ import annotations

import pytest

from annotations import load_schema, read_documents
from annotations.store import NAMED
from annotations.validate import validate

SETS = [name for name in NAMED if name.startswith("corpus/")]

pytestmark = pytest.mark.skipif(not all(NAMED[name].is_file() for name in SETS), reason="the corpus is not written yet")


@pytest.mark.parametrize("name", SETS)
def test_a_set_has_documents_and_no_faults(name: str) -> None:
    report = validate([name], load_schema())
    assert [str(fault) for fault in (*report.faults, *report.left_out)] == []
    assert report.documents > 0


def test_there_are_train_dev_and_test_sets_and_no_document_is_in_two() -> None:
    assert SETS == ["corpus/train", "corpus/dev", "corpus/test"]
    documents = [document for name in SETS for document in read_documents(name)]
    assert len({document.id for document in documents}) == len(documents)
    assert len({document.sha256 for document in documents}) == len(documents)


def test_at_least_a_quarter_of_the_documents_report_no_attack() -> None:
    documents = [document for name in SETS for document in read_documents(name)]
    assert sum(not document.events for document in documents) >= len(documents) / 4
