"""HRDsAttack: articles on attacks on human-rights defenders, with victims, violations, place and date by article.

A name is marked wherever it stands. There are no triggers, and of which attack several victims were is told by their
keywords only. What has no place in the text (kind of perpetrator, date, what kind of people) stays in the meta.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import regex

from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.importers.alignment import occurrences
from annotations.importers.base import Imported, Loss, Source
from annotations.importers.drafts import Candidate, Draft, Ledger, finished, resolved, trimmed
from annotations.importers.hrdsattack_words import attack_types, befell, tells_harm
from annotations.importers.records import Record, files_of, record_problems
from annotations.io.json_text import read_json
from annotations.text.sentences import Sentences, split_sentences

COVERAGE = {
    "ATTACK": "none",
    "PERPETRATOR": "none",
    "VICTIM": "some",
    "TOLL": "none",
    "WEAPON": "none",
    "TARGET": "none",
    "LOCATION": "some",
    "DATE": "none",
}
KEYS = {"sample": dict, "merged_sample": dict}
_TEXT, _ID = "Input.article_interface", "Input.GLOBALEVENTID"
_KEPT = (
    "perpetrator_mention",
    "perpetrator_type",
    "violation_types",
    "year",
    "month",
    "date",
    "city",
    "region",
    "country",
)
_NOT_STATED = regex.compile(r"|none|unknown|n/+a|nan", regex.IGNORECASE)
_UNNAMED = regex.compile(r"\W*(?:unnamed|unknown|unidentified|anonymous)\b.*", regex.IGNORECASE)
_ALIAS = regex.compile(r"\s+(?:a\.?k\.?a\.?|alias|and)\s+|\s*[/()]\s*", regex.IGNORECASE)
_PARAGRAPH = regex.compile(r"\s*</?p>\s*")


def read(path: Path) -> Imported:
    """Read a JSON file with a list of articles, or every one in a folder.

    Args:
        path: A file or a folder.

    Returns:
        A document an article, and a loss for each victim and place with no span.

    Raises:
        DataError: With every fault found: files that are no JSON list, keys that are missing or of the wrong type,
            articles that stand twice.
    """
    documents: list[Document] = []
    losses: list[Loss] = []
    aligned: Counter[str] = Counter()
    for record in _records(path):
        ledger = Ledger(_id(record))
        documents.append(_document(record["sample"], record["merged_sample"], ledger))
        losses += ledger.losses
        aligned.update(ledger.aligned)
    return Imported(tuple(documents), tuple(losses), dict(aligned))


def _records(path: Path) -> list[Record]:
    faults: list[Fault] = []
    records: dict[str, Record] = {}
    for file in files_of(path, "*.json"):
        try:
            articles = _articles(file)
        except DataError as error:
            faults += error.faults
            continue
        for number, record in enumerate(articles):
            problems = (
                list(record_problems(record, KEYS, _problems)) if isinstance(record, dict) else [("", "is no object")]
            )
            if not problems and _id(record) in records:
                problems = [(_ID, f"{_id(record)} stands twice")]
            for place, text in problems:
                where = f"article {number}: {place}" if place else f"article {number}"
                faults.append(Fault(text, "mend the article or take it out", file=str(file), place=where))
            if not problems:
                records[_id(record)] = record
    if faults:
        raise DataError(faults)
    return list(records.values())


def _articles(file: Path) -> list[Any]:
    articles = read_json(file)
    if not isinstance(articles, list):
        problem = f"is {type(articles).__name__}, not a list of articles"
        raise DataError([Fault(problem, "name a file of this source", file=str(file))])
    return articles


def _id(record: Record) -> str:
    return f"hrds-{record['sample'][_ID]}"


def _problems(record: Record) -> Iterator[tuple[str, str]]:
    """Yield (place, problem) for what is wrong within an article whose keys are all there."""
    sample, merged = record["sample"], record["merged_sample"]
    if not isinstance(sample.get(_TEXT), str):
        yield f"sample.{_TEXT}", "is no string"
    if not isinstance(sample.get(_ID), int | str):
        yield f"sample.{_ID}", "is neither a number nor a string"
    violations = merged.get("violation_types")
    if not isinstance(violations, list) or not all(isinstance(violation, str) for violation in violations):
        yield "merged_sample.violation_types", "is no list of strings"
    for name in ("city", "region", "country"):
        if not isinstance(merged.get(name), str | None):
            yield f"merged_sample.{name}", "is neither null nor a string"
    victims = merged.get("victims")
    if not isinstance(victims, list) or not all(_is_victim(victim) for victim in victims):
        yield (
            "merged_sample.victims",
            "is no list of objects whose 'victim_name' and 'victim_keywords' are null or strings",
        )


def _is_victim(victim: object) -> bool:
    keys = ("victim_name", "victim_keywords")
    return isinstance(victim, dict) and all(isinstance(victim.get(key), str | None) for key in keys)


def _document(sample: Mapping[str, Any], merged: Mapping[str, Any], ledger: Ledger) -> Document:
    text = plain(sample[_TEXT])
    sentences = split_sentences(text)
    kinds = attack_types(merged["violation_types"])
    for violation in merged["violation_types"]:
        if attack_types([violation]):
            ledger.aligned["violation"] += 1
        else:
            ledger.lose("violation", violation, "is no attack by the guidelines")
    candidates = [
        *_victims(text, merged["victims"], kinds, ledger),
        *_places(text, sentences, merged, kinds, ledger),
    ]
    spans = resolved(candidates, ledger)
    harm = [
        f"S{number}" for number, span in enumerate(spans, start=1) if tells_harm(_sentence(text, sentences, span.start))
    ]
    meta = {
        "title": sample.get("Input.title"),
        "published": sample.get("Input.publish_date"),
        **{key: merged.get(key) for key in _KEPT},
        "victims": merged["victims"],
        "in_sentences_of_harm": harm,
    }
    draft = Draft(ledger.document, text, [(kind, {}) for kind in kinds], {"hrdsattack": meta})
    return finished(draft, spans, COVERAGE)


def plain(markup: str) -> str:
    r"""Return a text without its paragraph tags: a line for each paragraph.

    Example:
        >>> plain("<p>One.</p> <p>Two.</p>")
        'One.\nTwo.'
    """
    return "\n".join(part for part in _PARAGRAPH.split(markup) if part)


def _victims(
    text: str, victims: Sequence[Mapping[str, Any]], kinds: Sequence[str], ledger: Ledger
) -> Iterator[Candidate]:
    for victim in victims:
        name = (victim.get("victim_name") or "").strip()
        told = befell(victim.get("victim_keywords") or "", kinds)
        value = name or victim.get("victim_keywords") or ""
        if not name or _UNNAMED.fullmatch(name) or not any(letter.isupper() for letter in name):
            ledger.lose("victim", value, "has no name")
        elif not kinds:
            ledger.lose("victim", value, "the article's violations are no attacks by the guidelines")
        elif told is None:
            ledger.lose("victim", value, "its keywords tell of an arrest or a threat, and of no attack")
        elif not (places := _mentions(text, name)):
            ledger.lose("victim", value, "its name does not stand in the text")
        else:
            ledger.aligned["victim"] += 1
            # Of which of several attacks a victim was is known only if the keywords name one.
            events = frozenset(kinds.index(kind) for kind in told) if len(told) == 1 else frozenset()
            yield from (Candidate(*place, "VICTIM", None, "victim", value, events) for place in places)


def _mentions(text: str, name: str) -> list[tuple[int, int]]:
    """Find every mention of a name, or of its aliases if it has some."""
    found = [place for alias in (name, *_ALIAS.split(name)) if alias for place in occurrences(text, alias)]
    return sorted({inner for place in found if (inner := trimmed(text, *place))})


def _places(
    text: str, sentences: Sentences, merged: Mapping[str, Any], kinds: Sequence[str], ledger: Ledger
) -> Iterator[Candidate]:
    """Find the place in sentences that tell of harm: elsewhere it is a place of other things."""
    for key in ("city", "region", "country"):
        value = (merged.get(key) or "").strip()
        if _NOT_STATED.fullmatch(value):
            continue
        places = [inner for place in occurrences(text, value) if (inner := trimmed(text, *place))]
        telling = [place for place in places if tells_harm(_sentence(text, sentences, place[0]))]
        if not kinds:
            ledger.lose(key, value, "the article's violations are no attacks by the guidelines")
        elif not places:
            ledger.lose(key, value, "does not stand in the text")
        elif not telling:
            ledger.lose(key, value, "stands in no sentence that tells of harm")
        else:
            ledger.aligned[key] += 1
            events = frozenset([0]) if len(kinds) == 1 else frozenset()
            yield from (Candidate(*place, "LOCATION", None, key, value, events) for place in telling)


def _sentence(text: str, sentences: Sentences, offset: int) -> str:
    """Return the sentence that holds an offset."""
    start, end = sentences.bounds(sentences.index(offset))
    return text[start:end]


SOURCE = Source(
    name="hrdsattack",
    summary="HRDsAttack: articles on attacks on human-rights defenders, with victims and violations by article (JSON)",
    coverage=COVERAGE,
    read=read,
)
