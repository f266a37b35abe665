"""Tolls of one that no figure tells: 'a soldier was killed'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import regex

from annotations.text.sentences import Sentences
from inference.events.beside import HARM, is_single
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
_DIED = r"died|dies"
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


def implied_tolls(
    sentences: Sentences, victims: Sequence[PredictedSpan], tolls: Mapping[str, EventToll]
) -> dict[str, EventToll]:
    """Return a toll of one, marked as implied, for each kind that no figure tells of one victim.

    The victim is one person ('a soldier', 'the mayor', a name), and harmed in the words right after ('was killed',
    'was shot dead', 'died') or right before ('killing', 'wounding a'). A plural without a figure is never counted, nor
    is a list, nor an event with several different victims of the kind.
    """
    found = {}
    for kind in HARM:
        harmed = [span for span in victims if _is_harmed(sentences, span, kind)]
        if kind not in tolls and len(harmed) == 1 and not _may_be_more(sentences, harmed[0]):
            found[kind] = EventToll(Toll(1, 1), (), (), implied=True)
    return found


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
    object_of = regex.search(
        rf"\b(?:{_DOES[kind]}) (?:and \w+ )?(?:an?|the|his|her|its|their"
        rf"|one)? ?(?:[\w'’-]+ ){{0,2}}$",
        before,
        regex.I,
    )
    listed = _LISTED.match(after)
    return bool(suffers or (object_of and not listed))
