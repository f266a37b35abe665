"""Near-duplicates: with few documents every pair is compared, with many the pairs that share something rare."""

from __future__ import annotations

import random
from itertools import product

import pytest

from annotations import Document, read_documents
from training.fit import split
from training.fit.split import duplicate_groups, near_duplicates

CORPUS = [document for name in ("train", "dev", "test") for document in read_documents(f"corpus/{name}")]
WORDS = " ".join(document.text for document in CORPUS).split()


def _swapped(text: str, share: float, seed: int) -> str:
    """Return a text of which a share of the words is exchanged for others."""
    chance = random.Random(seed)
    return " ".join(chance.choice(WORDS) if chance.random() < share else word for word in text.split())


def _every(text: str, step: int, seed: int) -> str:
    """Return a text of which every so manieth word is exchanged."""
    chance = random.Random(seed)
    return " ".join(chance.choice(WORDS) if n % step == 0 else word for n, word in enumerate(text.split()))


def _spliced(text: str, other: str) -> str:
    return text[: len(text) * 2 // 3] + other[: len(text) // 3]


@pytest.fixture(scope="module")
def twins() -> list[Document]:
    """The corpus, and copies of a part of it that were changed to different degrees."""
    made = []
    for number, document in enumerate(CORPUS[:180]):
        text, kind = document.text, number % 6
        if kind < 3:
            made.append(_swapped(text, 0.1 * (kind + 1), number))
        else:
            made.append(_spliced(text, CORPUS[-number - 1].text) if kind == 5 else _every(text, kind, number))
    return [*CORPUS, *(Document(f"twin-{number}", text) for number, text in enumerate(made))]


@pytest.fixture(scope="module")
def wanted(twins: list[Document]) -> list[tuple[int, int, float]]:
    """What comparing every pair finds."""
    found = near_duplicates(twins)
    assert len(found) > 150
    assert min(cosine for *_, cosine in found) < 0.62
    return found


@pytest.mark.integration  # takes seconds
@pytest.mark.parametrize(("ngram", "shingle"), [(200, 2000), (20, 30), (5, 5)])
def test_many_documents_have_the_pairs_that_all_pairs_have(
    twins: list[Document],
    wanted: list[tuple[int, int, float]],
    monkeypatch: pytest.MonkeyPatch,
    ngram: int,
    shingle: int,
) -> None:
    monkeypatch.setattr(split, "_ALL_PAIRS", 0)
    monkeypatch.setattr(split, "_RARE_NGRAM", ngram)
    monkeypatch.setattr(split, "_RARE_SHINGLE", shingle)
    found = near_duplicates(twins)
    assert [pair[:2] for pair in found] == [pair[:2] for pair in wanted]
    assert [pair[2] for pair in found] == pytest.approx([pair[2] for pair in wanted], abs=1e-5)
    assert near_duplicates(CORPUS) == []


@pytest.mark.integration  # takes seconds
def test_few_candidates_are_compared(twins: list[Document]) -> None:
    matrix = split._weights([d.text for d in twins], analyzer="char_wb", ngram_range=(4, 5))
    rare = split._rare([d.text for d in twins], matrix)
    assert sum(len(rows) for rows, *_ in split._close(rare, split._CANDIDATE)) < len(twins)


def test_texts_that_share_nothing_or_have_no_words_have_no_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split, "_ALL_PAIRS", 0)
    for texts in (["", " "], ["quiet rain", "storms"], ["", "storms"]):
        assert near_duplicates([Document(str(number), text) for number, text in enumerate(texts)]) == []
    assert [pair[:2] for pair in near_duplicates([Document("1", "storms"), Document("2", "storms")])] == [(0, 1)]


def test_groups_join_what_is_near_over_others() -> None:
    text = CORPUS[0].text
    words = text.split()
    third = len(words) // 3
    pieces = [" ".join(words), " ".join(words[: 2 * third]), " ".join(words[third:])]
    chain = [Document(str(number), piece) for number, piece in enumerate([pieces[1], CORPUS[5].text, *pieces[::2]])]
    groups = duplicate_groups(chain)
    assert [a == b for a, b in product(groups, repeat=2)] == [
        a == b for a, b in product(["x", "y", "x", "x"], repeat=2)
    ]
