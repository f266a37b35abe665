"""Stage of an event: attempted or threatened, by the words around its triggers in their clauses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import regex

from annotations.text.sentences import Sentences
from inference.prediction import EventToll, PredictedSpan

# Edges of the words before a trigger that belong to its clause.
_LEAD_END = regex.compile(r";|,(?!\d)|\b(?:before|but|when|after|until)\b", regex.I)
_DOING = (
    r"(?:carry(?:ing)? out|launch(?:ing)?|conduct(?:ing)?|stag(?:e|ing)|mount(?:ing)?|commit(?:ting)?"
    r"|perform(?:ing)?)"
)
_QUOTES = r"[\"'“”‘’]?"
# 'Tried to', 'an attempt to', 'planned to', 'with the intention of', right before the trigger or before 'carry out an'.
_AIMED = regex.compile(
    r"\b(?:attempt\w*|tr(?:y|ies|ied|ying)|fail(?:ed|ing|s)?|plan(?:s|ned|ning)?|plot(?:s|ted|ting)?"
    r"|inten(?:ds?|ded|ding|t|tions?)|meant|schemes?|hop(?:ed|ing)|prepar(?:e|ed|ing)|about|supposed|sought"
    r"|conspir\w+"
    r"|would-be)\s(?:by (?:[\w-]+ ){1,5})?(?:to|of|at|for|on|against)\s(?:have |be |try(?:ing)? )?"
    rf"(?:{_QUOTES}(?:\w+ly )?{_QUOTES}|{_DOING} (?:[\w'’-]+ ){{0,4}})$",
    regex.I,
)
_PLANNED = regex.compile(r"\b(?:plan(?:ned|ning)|plott(?:ed|ing)) (?:an? |more )(?:[\w-]+ ){0,2}$", regex.I)
# 'Foiled', 'defused' take the attack or its means as their object.
_STOPPED = (
    r"(?:foil(?:ed|ing|s)?|thwart(?:ed|ing|s)?|avert(?:ed|ing|s)?|disrupt(?:ed|ing|s)?"
    r"|defus(?:ed?|ing|es)|deactivat(?:ed?|ing|es)|intercept(?:ed|ing|s)?"
    r"|(?:made|makes?|making|rendered) (?:it |them )?(?:safe|harmless)|shot (?:down|to pieces)|downed)"
)
_STOPS = regex.compile(
    rf"\b{_STOPPED} (?:(?!(?:after|as|while|stemming|later|during|since|that)\b)[\w'’.-]+ ){{0,7}}$"
    r"|\bprevent(?:ed|ing|s)? (?:[\w'’-]+ ){1,4}from (?:\w+ly )?$",
    regex.I,
)
_FAILED = regex.compile(
    r"\b(?:botched|failed|aborted|abortive|frustrated|would-be|attempted|unsuccessful|bungled|foiled)"
    r"(?: (?!to\b|from\b|stemming\b)[\w'’.-]+){0,4} $",
    regex.I,
)
_WAS_STOPPED = regex.compile(
    r"^(?:(?!\b(?:another|second|third|fourth|other)\b)[^.;]){0,80}?"
    r"\b(?:was|were|been|being|is|are|and) (?:\w+ )?(?:also )?"
    rf"(?:{_STOPPED}|prevented|destroyed in (?:flight|the air|mid-?air)|brought down)\b"
    r"|^[^.;]{0,80}?\bbut (?:\w+ )?(?:was|were) (?:\w+ )?(?:stopped|overpowered|caught|arrested|beaten off"
    r"|driven off)\b"
    r"|^ was stopped\b"
    r"|^(?: (?!\b(?:and|but)\b)[\w'’-]+){0,8},? (?:failed|fails|fell through|was a failure)\b(?! to (?:stop"
    r"|prevent|protect|halt|hit))",
    regex.I,
)
# Said of the explosive, also in the sentence after the trigger.
_DUD = regex.compile(
    r"\b(?:did|do|does|had|has|could)(?: not|n['’]?t|nt| n['’]t) (?:\w+ )?(?:explo|go(?:ne)? off|detonat|ignit"
    r"|blow)\w*"
    r"|\bfail(?:ed|s|ing) to (?:\w+ )?(?:explode|go off|detonate|ignite)|\bpremature(?:ly)?\b"
    r"|\b(?:was|were|been) (?:\w+ )?(?:\w+ and )?(?:defused|deactivated|disarmed|made safe|neutrali[sz]ed)"
    r"|\bpolice (?:defuse|deactivate)|\bbefore (?:it|they|she|he) (?:could|exploded|went off)",
    regex.I,
)
_TRIED = regex.compile(r"\battempts?(?:ed)?\b|\bplots?\b|\bdefus|\bdeactivat|\bfoil", regex.I)
_FOUND = regex.compile(
    r"(?:found|discovered|recovered|defused|deactivated|intercepted|carrying|preparing|planting|emplacing|laying)",
    regex.I,
)
_LAID = regex.compile(r"(?:planted|left|placed|laid|fixed|hidden|concealed|sent|delivered|attached|buried)", regex.I)
_DEVICE = r"(?:bombs?|explosives?|ieds?|devices?|grenades?|mines?|charges?|parcels?|extinguisher)"
_SEIZED = regex.compile(
    rf"\b(?:found|finds?|discover(?:ed|s)?|recover(?:ed|s)?|made safe|defus\w+"
    rf"|deactivat\w+) (?:[\w'’-]+ ){{0,5}}{_DEVICE}\b"
    rf"|\b{_DEVICE} (?:[\w'’-]+ ){{0,3}}(?:was|were) (?:\w+ )?(?:found|discovered|recovered)\b",
    regex.I,
)
_MORE = regex.compile(r"\b(?:another|second|third|fourth|fifth|other|many|some)\b[^.;]{0,40}$", regex.I)
_SURVIVED = regex.compile(
    r"\bsurviv(?:ed?|es|ing)\b"
    r"|(?<!\b(?:attackers?|assailants?|gunm[ae]n|killers?|militants?|rebels?|bombers?|suspects?|men|perpetrators?"
    r"|they"
    r"|guerrillas?|(?:body)?guards?|escorts?|drivers?|companions?|colleagues?|aides?|passengers?"
    r"|who)\s(?:have |had |then |all |later |managed to )?)\bescap(?:ed?|es|ing)\b|\bun(?:hurt|harmed"
    r"|scathed|injured)\b|\bnot (?:hurt|harmed|injured)\b"
    r"|\battempts? (?:on (?:the life|his|her)|against|to (?:kill|murder|assassinate))"
    r"|\bassassination (?:attempts?|bids?|plots?)\b",
    regex.I,
)
_DEATH = regex.compile(
    r"\b(?:kill|die[ds]?\b|dead\b|death|assassinat(?!ion attempt)|murder|slain|slay|gunned down|fatal|succumb|funeral"
    r"|buried|execut|behead|lynch|late\b|li(?:fe|ves)\b|cut down|mourn|widow|bod(?:y|ies)\b|shot down)",
    regex.I,
)
_WOUND = regex.compile(
    r"\b(?:wound|injur|hurt|hospital|condition\b|critical|kneecap|bruis|burn|cut\b|surgery|recover|missed|damag)",
    regex.I,
)
# Words for an attack on one person that usually kill.
_LETHAL = regex.compile(r"\b(?:shot|shoots?|gunn|butcher|crime|hacked|stabb|executed|targeted|drone)", regex.I)
_ASIDE = regex.compile(r",\s(?:[\w-]+\s?){1,4},")
_ANNOUNCED = regex.compile(
    r"\b(?:threat(?:s|en\w*)?|vow(?:s|ed|ing)?|promis(?:es?|ed|ing)|pledg(?:es?|ed|ing)|sw(?:ear|ore|orn)"
    r"|determined|ready"
    r"|announced plans|going)\s(?:[\w'’-]+ ){0,4}?(?:to|of|with)\s(?:[\w'’-]+ ){0,2}"
    rf"{_QUOTES}$|\bthreatened (?:an? |the |new |more )*$",
    regex.I,
)
# 'Will attack', 'would be attacked': the future, seen from the text or from its speaker.
_FUTURE = regex.compile(
    rf"(?:\b(?:will|would|shall|should|may yet)|['’]ll) (?:(?!(?:have|not|if"
    rf"|that)\b){_QUOTES}[\w'’-]+{_QUOTES} ){{0,3}}{_QUOTES}$",
    regex.I,
)
_TO_COME = regex.compile(
    r"^[^.;:]{0,50}?\b(?:(?:will|would|shall) (?:begin|start|follow|come|take place)|(?:is|are) (?:ready|imminent"
    r"|coming))\b",
    regex.I,
)
_THREAT = regex.compile(r"\bthreats?\b|\bscare\b", regex.I)
_HARM = ("killed", "injured", "abducted")


def find_stage(
    sentences: Sentences,
    attack_type: str,
    triggers: Sequence[PredictedSpan],
    tolls: Mapping[str, EventToll],
) -> str | None:
    """Return `attempted`, `threatened`, or None for an attack that was carried out.

    An attack is *attempted* if one of its triggers follows 'tried to', 'planned to', 'foiled' or 'failed' in its
    clause, is itself an attempt, or is said to have failed; if its bomb was found or did not explode; and if the chosen
    person of an assassination survives: the text says so, or tells of no death where it tells of the attack. It is
    *threatened* if each trigger is announced: 'threatened to', 'vowed to', 'said it would', 'will be attacked'.

    An attack that hurt somebody was no threat. One that killed somebody was carried out, except that an attempt on one
    life may take another.
    """
    killed = tolls["killed"].toll.min if "killed" in tolls else None
    if killed and attack_type != "assassination":
        return None
    contexts = [_context(sentences, trigger) for trigger in triggers]
    harmed = any(kind in tolls and tolls[kind].toll.min for kind in _HARM)
    if not harmed and all(
        _is_threat(trigger.text, lead, tail) for trigger, (lead, tail) in zip(triggers, contexts, strict=True)
    ):
        return "threatened"
    if any(_is_attempt(trigger.text, lead, tail) for trigger, (lead, tail) in zip(triggers, contexts, strict=True)):
        return "attempted"
    near = _near(sentences, triggers)
    if attack_type == "assassination":
        return "attempted" if _is_survived(triggers, near) else None
    return "attempted" if attack_type == "bombing" and not harmed and _is_dud(triggers, near) else None


def _context(sentences: Sentences, trigger: PredictedSpan) -> tuple[str, str]:
    """Return the words before a trigger in its clause, and those after it in its sentence."""
    before, after = sentences.around(trigger.start, trigger.end)
    return _LEAD_END.split(_ASIDE.sub("", before))[-1], after


def _near(sentences: Sentences, triggers: Sequence[PredictedSpan]) -> list[str]:
    """Return the sentences of the triggers, and the one after each."""
    at = {sentences.index(trigger.start) for trigger in triggers}
    last = sentences.index(len(sentences.text))
    return [sentences.text[slice(*sentences.bounds(number))] for number in sorted(at | {min(n + 1, last) for n in at})]


def _is_attempt(words: str, lead: str, tail: str) -> bool:
    found = (_AIMED.search(lead), _PLANNED.search(lead), _STOPS.search(lead))
    failed = not words.endswith("ed") and _FAILED.search(lead)
    return any(found) or bool(failed or _TRIED.search(words) or _WAS_STOPPED.search(tail))


def _is_threat(words: str, lead: str, tail: str) -> bool:
    announced = _ANNOUNCED.search(lead) or _FUTURE.search(lead) or _TO_COME.search(tail)
    return bool(announced or _THREAT.search(words))


def _is_survived(triggers: Sequence[PredictedSpan], near: Sequence[str]) -> bool:
    """Whether the chosen person lives: the text says so, or tells of no death and the act is not mostly deadly."""
    if any(
        regex.search(r"assassinat\w+|kill(?:ed|ing)|murder\w*|shot dead|gunned down|slain|behead\w+", t.text, regex.I)
        for t in triggers
    ) and not any(regex.search(r"\b(?:attempts?|bids?|plots?|tried|failed|foil\w*)\b", text, regex.I) for text in near):
        return False
    if any(map(_SURVIVED.search, near)):
        return True
    deadly = any(_LETHAL.search(trigger.text) for trigger in triggers) and not any(map(_WOUND.search, near))
    return not deadly and not any(map(_DEATH.search, near))


def _is_dud(triggers: Sequence[PredictedSpan], near: Sequence[str]) -> bool:
    """Whether a bomb was found, or did not explode; one bomb of several does not count."""
    if any(_FOUND.fullmatch(trigger.text) for trigger in triggers):
        return True
    if all(_LAID.fullmatch(trigger.text) for trigger in triggers) and any(map(_SEIZED.search, near)):
        return True
    return any(not _MORE.search(text[: match.start()]) for text in near for match in _DUD.finditer(text))
