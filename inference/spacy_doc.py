"""Predictions as spaCy documents; the only module that imports spaCy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from annotations.installed import imported
from annotations.text.words import words
from inference.spans import PredictedSpan

KEY = "sc"  # the group of spans that spaCy's span categorizer and displaCy use


def spacy_doc(text: str, spans: Sequence[PredictedSpan], events: Sequence[Mapping[str, Any]], vocab: Any = None) -> Any:
    """Return a spaCy document with the spans and events of a prediction; see `Prediction.to_spacy`.

    Raises:
        ImportError: spaCy is not installed.
    """
    tokens, vocabularies = (imported(name, "a spaCy document", "spacy") for name in ("spacy.tokens", "spacy.vocab"))
    pairs = list(_tokens(text, spans))
    held = vocabularies.Vocab() if vocab is None else vocab
    doc = tokens.Doc(held, words=[token for token, _ in pairs], spaces=[blank for _, blank in pairs])
    found = [doc.char_span(span.start, span.end, label=span.label, span_id=span.id) for span in spans]
    more = {"types": [span.type for span in spans], "scores": [span.score for span in spans]}
    doc.spans[KEY] = tokens.SpanGroup(doc, name=KEY, spans=found, attrs=more)
    doc.user_data["events"] = list(events)
    return doc


def _tokens(text: str, spans: Sequence[PredictedSpan]) -> Iterator[tuple[str, bool]]:
    """Yield tokens, and whether one blank follows each; together they are the text, and spans end where tokens do."""
    starts, ends = {span.start for span in spans}, {span.end for span in spans}
    cuts = sorted({0, len(text), *starts, *ends, *(edge for pair in words(text) for edge in pair)})
    before = ""
    for start, end in pairwise(cuts):
        # spaCy holds a single blank with the token before it; other white space is a token of its own.
        held = before and not before.isspace() and text[start] == " " and text[start:end].isspace()
        blank = bool(held) and start not in starts and start + 1 not in ends
        if before:
            yield before, blank
        before = text[start + blank : end]
    if before:
        yield before, False
