"""Tolls that no figure tells, of people told one by one: 'a soldier was killed', 'and another was wounded'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import regex

from annotations.text.sentences import Sentences
from inference.events.beside import HARM, JOIN, is_name, is_single
from inference.numbers.toll import Toll
from inference.prediction import EventToll, PredictedSpan

_DOES: Mapping[str, str] = {
    "killed": (
        r"kill(?:ed|ing|s)|murder(?:ed|ing)|assassinat(?:ed|ing|es)|execut(?:ed|ing)|behead(?:ed|ing)"
        r"|sho(?:t|oting) dead|gunn(?:ed|ing) down"
    ),
    "injured": (r"wound(?:ed|ing|s)|injur(?:ed|ing|es)|hurt(?:ing)?"),
    "abducted": (r"kidnap(?:ped|ping|s)|abduct(?:ed|ing|s)|seiz(?:ed|ing)"),
}
_DIED = r"(?:\w+ (?:and|but) (?:later |then )?)?(?:died|dies)"
_GAP = r"(?: (?!(?:not|never|nearly|almost|who|no|un\w+)\b)[\w'’-]+){0,2}"
# 'A farmer and a guard', 'the treasurer, his guard and a clerk'.
_LISTED = regex.compile(
    r"(?:, [^,;.]{1,40})?,? (?:and|or) (?:an?|the|his|her|its|their|one|two|three|several|\p{Lu})\b", regex.I
)
# 'Along with her husband', 'as were two guards', 'and another died': there may be more than one.
_OTHERS = regex.compile(
    r"\b(?:(?:along|together) with|as well as|with (?:his|her|their))\b|,? as (?:was|were)\b"
    r"|\b(?:another|others) (?:were |was |had )?(?:also )?(?:killed|died|shot)\b|\b(?:was|were) also (?:killed|shot)\b"
    r"|\b(?:killed|died|dead),? too\b|\bthen an?\b",
    regex.I,
)
_UNREAL = regex.compile(
    r"\b(?:if|whether|den(?:y|ied|ies) (?:that |having )?[^,;]{0,40}|unless)\b[^,;]{0,40}$", regex.I
)


# 'And another', 'while one other policeman', but not 'another three'.
_NUMBER = r"(?:\d|(?:two|three|four|five|six|seven|eight|nine|ten|dozens?|several|many|some|few|couple|of)\b)"
_ANOTHER = rf"\b(?:another|(?:one |an? |the )?other|a second)(?: (?!{_NUMBER})(?!who\b|in\b)[\p{{L}}'’-]+){{0,3}}?"
_WAS = r"(?:(?:was|were|is|are|has been|have been|had been|also) ?){0,3}(?:\w+ly )?"
# What joins two single victims: 'a lawyer[, his young ]clerk', not 'a lawyer and wounded his clerk'.
_NEXT = regex.compile(
    rf"^(?:{JOIN}|,)(?: also)?(?: an?| his| her| its| their| the| one)?"
    r"(?: (?!(?:\w+ed|\w+ing|shot|hurt)\b)[\p{L}'’-]+){0,2} $",
    regex.I,
)
_APPOSED = regex.compile(r"^, (?!and\b)", regex.I)


def implied_tolls(
    sentences: Sentences, victims: Sequence[PredictedSpan], tolls: Mapping[str, EventToll]
) -> dict[str, EventToll]:
    """Return a toll, marked as implied, for each kind that no figure tells of people told one by one.

    A victim is one person ('a soldier', 'the mayor', a name), and harmed in the words right after ('was killed', 'was
    shot dead', 'died') or right before ('killing', 'wounding a'). Several count if they are joined and nobody else is
    ('a lawyer and a guard were killed': two). 'Another' beside a victim or a figure is one ('one man died and another
    was wounded'). A plural without a figure is never counted, nor is an event with several different victims of the
    kind.

    Args:
        sentences: Its sentences.
        victims: Mentions of victims of one event.
        tolls: The tolls that figures tell; these kinds are left alone.

    Example:
        >>> from annotations.text.sentences import sentences_of
        >>> from annotations.text.reading import read
        >>> text = "A guard was shot dead and another was wounded."
        >>> guard = PredictedSpan("S1", 2, 7, "guard", "VICTIM", "security", 1.0)
        >>> implied = implied_tolls(sentences_of(read(text)), [guard], {})
        >>> {kind: toll.toll.max for kind, toll in implied.items()}
        {'killed': 1, 'injured': 1}
    """
    found = {}
    for kind in HARM:
        number = 0 if kind in tolls else _number(sentences, victims, tolls, kind)
        if number:
            found[kind] = EventToll(Toll(number, number), (), (), implied=True)
    return found


def _number(sentences: Sentences, victims: Sequence[PredictedSpan], tolls: Mapping[str, EventToll], kind: str) -> int:
    """Return how many are told one by one for a kind; 0 if that is not clear."""
    together = [run for run in _runs(sentences, victims) if _are_harmed(sentences, run, kind)]
    harmed = [span for span in victims if _is_harmed(sentences, span, kind)]
    alone = [span for span in harmed if all(span not in run for run in together)]
    if not together and not alone:
        places = [*victims, *(span for toll in tolls.values() for span in toll.spans)]
        return int(any(_another(sentences, place, kind) for place in places))
    if len(together) + len(alone) > 1 or _may_be_more(sentences, together[0][-1] if together else alone[0]):
        return 0
    return _people(sentences.text, together[0]) if together else 1


def _people(text: str, run: Sequence[PredictedSpan]) -> int:
    """Count victims that are joined; of two beside a bare comma with a name, one describes the other."""
    return len(run) - sum(
        bool(_APPOSED.match(text[one.end : other.start])) and (is_name(one.text) or is_name(other.text))
        for one, other in pairwise(run)
    )


def _runs(sentences: Sentences, victims: Sequence[PredictedSpan]) -> list[list[PredictedSpan]]:
    """Return single victims that are joined in a sentence, two or more, without others beside them."""
    runs: list[list[PredictedSpan]] = []
    whole: list[bool] = []
    before: PredictedSpan | None = None
    for span in sorted(victims, key=lambda one: one.start):
        words, after = sentences.around(span.start, span.end)
        single = is_single(words, span.text)
        if before and before.end >= span.start - len(words) and _NEXT.match(sentences.text[before.end : span.start]):
            runs[-1].append(span)
            whole[-1] &= single
        else:
            runs.append([span])
            whole.append(single)
        before = span
        whole[-1] &= not _LISTED.match(after) or any(span.end < one.start < span.end + 40 for one in victims)
    return [run for run, counts in zip(runs, whole, strict=True) if counts and len(run) > 1]


def _are_harmed(sentences: Sentences, run: Sequence[PredictedSpan], kind: str) -> bool:
    """Whether victims that are joined are harmed: 'a lawyer and a guard were killed', 'killed a lawyer and a guard'."""
    after = sentences.around(run[-1].start, run[-1].end)[1]
    verb = f"{HARM[kind]}|{_DIED}" if kind == "killed" else HARM[kind]
    suffer = regex.match(rf"(?:,[^,.;]{{1,60}},)? {_WAS}(?:{verb})\b", after, regex.I)
    return bool(suffer) or _is_object(sentences, run[0], kind)


def _another(sentences: Sentences, place: PredictedSpan, kind: str) -> bool:
    """Whether the words after a victim or a figure tell of another one who is harmed."""
    after = sentences.around(place.start, place.end)[1][:160]
    passive = rf"(?:{JOIN}|\bwhile|,|[—–-]) {_ANOTHER} {_WAS}(?:{HARM[kind]})\b"
    active = rf"\b(?:{_DOES[kind]}) (?:\w+ly )?{_ANOTHER}(?= |[.,;]|$)(?! {_NUMBER})"
    return bool(regex.search(passive, after, regex.I) or regex.search(active, after, regex.I))


def _may_be_more(sentences: Sentences, victim: PredictedSpan) -> bool:
    """Whether the words around a victim tell of others, or leave open whether it happened."""
    before, after = sentences.around(victim.start, victim.end)
    return bool(_OTHERS.search(after) or _UNREAL.search(before))


def _is_harmed(sentences: Sentences, victim: PredictedSpan, kind: str) -> bool:
    before, after = sentences.around(victim.start, victim.end)
    if not is_single(before, victim.text):
        return False
    verb = f"{HARM[kind]}|{_DIED}" if kind == "killed" else HARM[kind]
    suffers = regex.match(
        rf"(?:,[^,.;]{{1,60}},)?(?:(?: who)? (?:was|is|had been|has been|also){_GAP})? (?:{verb})\b", after, regex.I
    )
    return bool(suffers or (_is_object(sentences, victim, kind) and not _LISTED.match(after)))


def _is_object(sentences: Sentences, victim: PredictedSpan, kind: str) -> bool:
    """Whether the words right before a victim tell the harm: 'killing a'."""
    before = sentences.around(victim.start, victim.end)[0]
    one = r"(?:(?:an?|the|his|her|its|their|one) )?(?:(?!and\b)[\w'’-]+ ){0,2}$"
    return bool(regex.search(rf"\b(?:{_DOES[kind]}) (?:and \w+(?:ed|ing) )?{one}", before, regex.I))
