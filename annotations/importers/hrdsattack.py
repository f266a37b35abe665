"""HRDsAttack: articles on attacks on human-rights defenders, with victims, violations, place and date by article.

A name is marked wherever it occurs. There are no triggers; if an article has several attacks, only the keywords of a
victim say which one it belongs to. What is not in the text (kind of perpetrator, date, kind of people) stays in the
meta.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import regex
from pydantic import AfterValidator, Field

from annotations.coverage import NONE, SOME
from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.importers.alignment.candidates import Candidate, Ledger, finished, imported, resolved
from annotations.importers.alignment.places import Place, occurrences, trimmed_all
from annotations.importers.base import Imported, Source, shipped_schema
from annotations.importers.records import Record, read_records
from annotations.io.config_files import Shape
from annotations.io.json_text import JsonLine, read_json
from annotations.text.sentences import Sentences, split_sentences

COVERAGE = dict.fromkeys(shipped_schema().labels, NONE) | dict.fromkeys(("VICTIM", "LOCATION"), SOME)
_TEXT, _ID = "Input.article_interface", "Input.GLOBALEVENTID"
_KEPT = (
    *("perpetrator_mention", "perpetrator_type", "violation_types", "year", "month", "date"),
    *("city", "region", "country"),
)
_NOT_STATED = regex.compile(r"|none|unknown|n/+a|nan", regex.IGNORECASE)
_UNNAMED = regex.compile(r"\W*(?:unnamed|unknown|unidentified|anonymous)\b.*", regex.IGNORECASE)
_ALIAS = regex.compile(r"\s+(?:a\.?k\.?a\.?|alias|and)\s+|\s*[/()]\s*", regex.IGNORECASE)
_PARAGRAPH = regex.compile(r"\s*</?p>\s*")
# By the guidelines, the killing of a chosen person is an assassination; human-rights defenders are chosen.
_TYPES = {
    "killing": "assassination",
    "kidnapping": "abduction",
    "enforced disappearance": "abduction",
    "torture": "unarmed_assault",
}
_WORDS = {
    "assassination": r"kill(ed|ing|ings|s)?|murder(ed|s)?|mudered|assassinat(ed|ion)|shot|dead|death|died|execut(ed|"
    r"ion)|behead(ed|ing)|slain|stabbed|gunned|bomb(ed|ing)?|massacred?",
    "abduction": r"abduct(ed|ion|ions)?|kidnap(ped|ping|pings)?|disappear(ed|ance|ances)|missing|hostages?|ransom|"
    r"captured|seized",
    "unarmed_assault": r"tortur(ed|e)|tourture|beat(en|ing)?|assault(ed)?|rap(ed?|ing)|abus(ed?|es)|attack(ed|s)?|"
    r"acid|lynch(ed)?",
}
_HARM = {kind: regex.compile(rf"\b(?:{words})\b", regex.IGNORECASE) for kind, words in _WORDS.items()}
_NO_ATTACK = regex.compile(
    r"\b(?:arrest(ed|s)?|detain(ed|ee)?|detention|jail(ed)?|imprison(ed|ment)?|prison(er)?|sentenced?|charged?|trial|"
    r"threat(s|ened)?|harass(ed|ment)|fired|sued|sanction(ed|s)?)\b",
    regex.IGNORECASE,
)


def attack_types(violations: Collection[str]) -> list[str]:
    """Return the attack types of violations. By the guidelines, arrests and the like are no attacks.

    Example:
        >>> attack_types(["arbitrary detention", "kidnapping", "enforced disappearance", "killing"])
        ['assassination', 'abduction']
    """
    return [kind for kind in _WORDS if kind in {_TYPES.get(violation) for violation in violations}]


def attacks_on(keywords: str, kinds: Collection[str]) -> list[str] | None:
    """Return the attacks on a victim, by its keywords.

    Returns:
        The types that the keywords name, or all types of the article if they name none. None if the keywords name an
        arrest, a threat or the like and no attack.

    Example:
        >>> attacks_on("editor, shot at home", ["assassination", "abduction"]), attacks_on("arrested", ["abduction"])
        (['assassination'], None)
    """
    named = [kind for kind in kinds if _HARM[kind].search(keywords)]
    if named:
        return named
    return None if _NO_ATTACK.search(keywords) else list(kinds)


def has_harm(sentence: str) -> bool:
    """Whether a sentence has a word for an attack on people.

    Example:
        >>> has_harm("She was abducted."), has_harm("She writes.")
        (True, False)
    """
    return any(words.search(sentence) for words in _HARM.values())


def _is_id(value: Any) -> Any:
    if not isinstance(value, int | str):
        raise ValueError("should be a number or a string")
    return value


class _Sample(Shape):
    text: str = Field(alias=_TEXT)
    event: Annotated[Any, AfterValidator(_is_id)] = Field(alias=_ID)


class _Victim(Shape):
    victim_name: str | None = None
    victim_keywords: str | None = None


class _Merged(Shape):
    violation_types: list[str]
    victims: list[_Victim]
    city: str | None = None
    region: str | None = None
    country: str | None = None


class _Article(Shape):
    sample: _Sample
    merged_sample: _Merged


def read(path: Path) -> Imported:
    """Read a JSON file with a list of articles, or all of a folder.

    Returns:
        One document an article, and a loss for each victim and place without a span.

    Raises:
        DataError: With every fault found: files that are no JSON list, keys that are missing or of a wrong type,
            duplicate articles.
    """
    return imported(read_records(path, "*.json", "id", _Article, _articles, "article"), _document)


def _articles(file: Path) -> Iterator[JsonLine]:
    """Yield the articles of a file with their ids."""
    try:
        articles = read_json(file)
        if not isinstance(articles, list):
            problem = f"is {type(articles).__name__}, not a list of articles"
            raise DataError.of(problem, "name a file of HRDsAttack", file=str(file))
    except DataError as error:
        yield JsonLine(0, None, error.faults)
        return
    for number, article in enumerate(articles):
        if isinstance(article, dict):
            sample = article.get("sample")
            name = sample.get(_ID) if isinstance(sample, dict) else ""
            yield JsonLine(number, {**article, "id": f"hrds-{name}"})
        else:
            remedy = "correct or remove it"
            yield JsonLine(number, None, (Fault("is no object", remedy, str(file), place=f"article {number}"),))


def _document(record: Record, ledger: Ledger) -> Document:
    sample, merged = record["sample"], record["merged_sample"]
    text = plain(sample[_TEXT])
    sentences = split_sentences(text)
    kinds = attack_types(merged["violation_types"])
    for violation in merged["violation_types"]:
        if attack_types([violation]):
            ledger.aligned["violation"] += 1
        else:
            ledger.lose("violation", violation, "no attack by the guidelines")
    candidates = *_victims(text, merged["victims"], kinds, ledger), *_places(sentences, merged, kinds, ledger)
    spans = resolved(candidates, ledger)
    harm = [f"S{number}" for number, span in enumerate(spans, start=1) if has_harm(sentences.holding(span.start))]
    meta = {
        "title": sample.get("Input.title"),
        "published": sample.get("Input.publish_date"),
        **{key: merged.get(key) for key in _KEPT},
        "victims": merged["victims"],
        "in_sentences_of_harm": harm,
    }
    return finished(record["id"], text, spans, COVERAGE, {"hrdsattack": meta}, [(kind, {}) for kind in kinds])


def plain(markup: str) -> str:
    r"""Return a text without its paragraph tags, one line a paragraph.

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
        keywords = victim.get("victim_keywords") or ""
        attacks = attacks_on(keywords, kinds)
        value = name or keywords
        if not name or _UNNAMED.fullmatch(name) or not any(letter.isupper() for letter in name):
            ledger.lose("victim", value, "has no name")
        elif not kinds:
            ledger.lose("victim", value, "no violation of the article is an attack by the guidelines")
        elif attacks is None:
            ledger.lose("victim", value, "the keywords name an arrest or a threat, not an attack")
        elif not (places := _mentions(text, name)):
            ledger.lose("victim", value, "the name is not in the text")
        else:
            ledger.aligned["victim"] += 1
            # If there are several attacks, a victim belongs to the one that its keywords name.
            events = frozenset(kinds.index(kind) for kind in attacks) if len(attacks) == 1 else frozenset()
            yield from (Candidate(*place, "VICTIM", None, "victim", value, events) for place in places)


def _mentions(text: str, name: str) -> list[Place]:
    """Find every mention of a name and of its aliases."""
    names = (name, *_ALIAS.split(name))
    return sorted({*trimmed_all(text, (place for alias in names if alias for place in occurrences(text, alias)))})


def _places(
    sentences: Sentences, merged: Mapping[str, Any], kinds: Sequence[str], ledger: Ledger
) -> Iterator[Candidate]:
    """Find the place of an attack in sentences about harm; elsewhere it may be the place of something else."""
    for key in ("city", "region", "country"):
        value = (merged.get(key) or "").strip()
        if _NOT_STATED.fullmatch(value):
            continue
        places = trimmed_all(sentences.text, occurrences(sentences.text, value))
        with_harm = [place for place in places if has_harm(sentences.holding(place[0]))]
        if not kinds:
            ledger.lose(key, value, "no violation of the article is an attack by the guidelines")
        elif not places:
            ledger.lose(key, value, "not found in the text")
        elif not with_harm:
            ledger.lose(key, value, "not found in a sentence about harm")
        else:
            ledger.aligned[key] += 1
            events = frozenset([0]) if len(kinds) == 1 else frozenset()
            yield from (Candidate(*place, "LOCATION", None, key, value, events) for place in with_harm)


SOURCE = Source(
    "HRDsAttack: articles on attacks on human-rights defenders, with victims and violations by article (JSON)",
    COVERAGE,
    read,
)
