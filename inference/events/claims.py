"""Who claims, denies, or is blamed for an attack, by the sentences that mention it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from annotations.text.sentences import Sentences
from inference.entities.spelling import name_key
from inference.prediction import Attribution, PredictedSpan

_ATTACK_NOUN = (
    r"(?:\w*attack|\w*bomb(?:ing)?|raid|blast|explosion|killing|murder|ambush|shooting|assault|strike|airstrike"
    r"|shelling"
    r"|massacre|kidnapping|abduction|assassination|hijacking|hostage[- ]taking|execution|beheading|operation"
    r"|incursion"
    r"|arson|sabotage|stabbing|siege|violence|mission)(?:e?s)?\b"
)
_OWN = r"(?:it|its|they|their|his|her|our|we)"
_CLAIM = regex.compile(
    rf"\bclaim(?:ed|s|ing)? (?:(?:full|the|sole|joint|online|immediate|public|also) )*(?:responsibility|credit"
    rf"|(?:the|this|that|both) (?:(?!li(?:fe|ves)\b)[\w-]+ ){{0,2}}{_ATTACK_NOUN})"
    r"|\bclaim(?:ed|s|ing)? as its own|\bclaimed it\b|\bclaim of responsibility"
    r"|\b(?:t(?:ook|akes?|aken|aking)|accept(?:ed|s|ing)?|assum(?:ed|es|ing)) (?:(?:full|the|sole|public"
    r"|all) )*(?:responsibility|credit)"
    r"|\b(?:admitted|acknowledged|confirmed) (?:responsibility|(?:to )?(?:carrying|having carried) out|being behind)"
    rf"|\bs(?:aid|ays|aying) (?:that )?(?:it|they|{_OWN} [\w-]+) (?:was|were|is|are|had been|stood) (?:behind"
    rf"|responsible)"
    rf"|\bs(?:aid|ays|aying) (?:that )?(?:it|they|{_OWN} [\w-]+(?: [\w-]+)?) (?:had |have |has )?(?:carried out"
    rf"|done|staged|conducted|did(?! not\b|n))\b"
    r"|\bresponsibility (?:[\w'’-]+ ){0,10}?(?:was|were|has been|been) (?:also )?claimed|\bboast(?:ed|s"
    r"|ing)? (?:of|about|that)\b"
    rf"|\b(?:{_ATTACK_NOUN}|it) (?:was|were|is|had been) (?:its|theirs|their|our|ours)\b(?: (?:work|own|doing"
    rf"|answer|reply|response|revenge))?"
    rf"|\b{_ATTACK_NOUN} (?:was|were|had been) (?:an? )?(?:answer|reply|response|revenge|retaliation) (?:to|for)\b"
    r"|, the (?:group|rebels|militants|movement|separatists|guerrillas|organi[sz]ation) said (?:on|in|through) its\b"
    r"|\bit was our (?:\w+ )?(?:fighters|men|forces|brothers|units|soldiers|boys)\b",
    regex.I,
)
# 'Claimed Thursday's [stabbing]', 'confirmed the [seizure]': a verb with a trigger as its object.
_OWNS = regex.compile(
    r"\b(?:claim(?:ed|s|ing)?|admit(?:ted|s|ting)?|acknowledg(?:ed|es|ing)|t(?:ook|akes?) credit for)"
    r"(?: to have| having| that (?:it|they|its \w+|their \w+) (?:had |have )?)?"
    r" (?:(?!li(?:fe|ves)\b|that\b|to\b|for\b)[^\s,;:.]+ ){0,7}$",
    regex.I,
)
_CONFIRMED = regex.compile(r"\b(?:confirmed|announced) (?:the|that|its|both|a) (?:[\w'’-]+ ){0,3}$", regex.I)
_BY = regex.compile(rf"^(?:(?!\b{_ATTACK_NOUN})[^.;]){{0,70}}?\bclaimed (?:yesterday |later |\w+day )?by\b", regex.I)
_LIVES = regex.compile(r"\bli(?:fe|ves) (?:was |were )?$", regex.I)
# 'The army said its jets had [struck]', with nothing between that tells of somebody else, or of harm to its own side.
_STATES = (
    r"(?:said|says|saying|announc(?:ed|es|ing)|confirm(?:ed|s|ing)|reported|reports|stated|declared|disclosed"
    r"|claim(?:ed|s|ing)"
    r"|admitted|acknowledged)"
)
_OWN_ACT = regex.compile(
    rf"\b{_STATES}(?: (?:in|by|through) [^,;]{{1,40}}| on \w+day| \w+day)?,?(?: that)? (?:it|they|we|(?:its|their|our"
    rf"|his)(?: [\w-]+){{1,3}}?)"
    r"(?: had| have| has| began)?(?: also| again| \w+ly| \w+day)?"
    r" (?:(?:carried out|launched|conducted|staged|made|mounted) (?:(?:the|an?|both|its|their|this|\w+) ){0,3})?$",
    regex.I,
)
_SUFFERED = regex.compile(
    r"\b(?:been|was|were|being|would|will|not|never|no|arrest\w*|captured|discovered|suspect\w*|foil\w*|thwart\w*"
    r"|prevent\w*)\b"
    r"|n['’]t\b",
    regex.I,
)
_HE = regex.compile(
    r"\b(?:he|she|witness(?:es)?|residents?|villagers|locals|relatives|doctors?|survivors?)\b[^,;]{0,30}$", regex.I
)
# A named group that says something about its own attack.
_SPEAKS = regex.compile(
    r"^(?:['’]s(?: \w+){1,4}|['’])?(?: \([^)]*\))?(?:,[^,]{1,70},)? (?:also |later |has |have |\w+day )*"
    r"(?:said|says?|announced|boasted|declared|stated)(?: on \w+day| \w+day)?(?: in| on| through| that| it| its"
    r"| they| their)\b",
    regex.I,
)
_ELSE = regex.compile(
    r"\b(?:den(?:y|ied|ies|ying)|nothing|not|no|never|regret|condemn\w*|killed in|lost|blam\w+|accus\w+|would"
    r"|will|shot at)\b|n['’]t\b",
    regex.I,
)
# 'Our fighters [raided]', 'we [downed]': the doer speaks.
_WE = regex.compile(
    r"\b(?:we|our (?:[\w-]+ ){0,2}(?:fighters|men|forces|brothers|units?|soldiers|troops|boys|commandos?|crews"
    r"|detachments?|brigades?"
    r"|mujahid\w+|guerrillas?|people|jets|planes|aircraft|actions))\b (?:(?:have|had|also|today|has|again"
    r"|\w+ly) ){0,2}$",
    regex.I,
)
_STATE_FORCE = regex.compile(
    r"\b(?:army|military|troops|soldiers|forces?|air ?force|jets?|warplanes?|aircraft|planes?|helicopters?|navy"
    r"|coalition"
    r"|government|police|commandos?|marines|drones?|gunships?|artillery|patrol|nato|isaf|u\.?s\.?|israeli?"
    r"|turkish|russian"
    r"|american|british|french|pakistani|indian|saudi|tanks|security)\b",
    regex.I,
)
_STATE_SPEAKER = regex.compile(
    r"\b(?:army|military|air ?force|defen[cs]e (?:ministry|department|forces?|officials?)|general staff|pentagon"
    r"|central command"
    r"|coalition|navy|nato|isaf|security forces|joint command|task force|officials|command|troops|forces)\b"
    r"(?: (?:in|of|for|on|from) [\w.'’ -]{1,40}?| [\w'’.-]+){0,4}? (?:also |later |has |have )*(?:said|says?"
    r"|announced|confirmed|reported|reports|statement)\b"
    r"|\b(?:said|says|announced|according to) (?:the |an? )?(?:[\w.'’-]+ ){0,3}(?:army|military|air ?force"
    r"|pentagon|central command"
    r"|coalition|navy|nato|isaf|general staff|defen[cs]e ministry)\b",
    regex.I,
)
_OWN_LOSS = regex.compile(
    r"\b(?:its|their|his|our) (?:\w+ )?(?:men|troops|soldiers|forces|personnel|patrols?|convoys?|positions?|bases?"
    r"|posts?)\b"
    r"[^,;]{0,20}\b(?:been|was|were|came under)\b",
    regex.I,
)
# Attacks in which a report by an organ of a state is most often about its own forces; air strikes and shelling are told
# by the other side as often.
_BY_STATES = ("armed_clash", "armed_assault")
# A release says so, has a serial number, or a dateline with its date in brackets.
_RELEASE = regex.compile(
    r"\b(?:for immediate release|news release|press release|joint command)\b"
    r"|\b\d{4}-\d{2}-\p{L}{1,2}-\d{3}\b"
    r"|\b\p{L}{3,}, \p{L}{3,} \((?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)\p{L}*\.? \d{1,2}\b",
    regex.I,
)
_HEAD = 400  # characters in which a release calls itself one
# Words that negate a claim ('No group has claimed'), searched for between the last clause edge and the claim.
_DENIED = regex.compile(
    r"\b(?:no|none|nobody|neither|nor|not|never|deni\w+|deny\w*|yet to|without|declined to|refused to|whether)\b"
    r"|n['’]t\b",
    regex.I,
)
_ASIDE = regex.compile(r",\s(?:[\w-]+\s?){1,4},")
_CLAIM_EDGE = regex.compile(r"[,;:]|\b(?:but|while|though)\b|\band (?!claim)", regex.I)
_DENIES = regex.compile(
    r"\b(?:has |have |had |also |later |\w+ly )*(?:den(?:y|ies|ied|ying) (?!bail|entry|access|them|him|her\b"
    r"|visas?)|disclaim(?:ed|s)?"
    r"|rejected (?:the )?(?:accusations?|charges?|allegations?|claims?)|(?:said|says) (?:it"
    r"|they) (?:had nothing to do|(?:was|were) not|played no))",
    regex.I,
)
_NOT_DENIED = regex.compile(
    r"\b(?:neither [\w ]{1,40} nor|nor|not|n['’]t|never|nobody|no one) (?:has |have |had )?den\w+ ?$", regex.I
)
_BLAMES = regex.compile(
    r"\b(?:blam(?:ed|es|ing)|accus(?:ed|es|ing)|suspects?|point(?:ed|s|ing)? (?:a|the)?(?:ir)? ?fingers? at"
    r"|(?:was|were) blamed on"
    r"|attributed (?:\w+ ){0,4}to|attribut(?:es|ing) (?:\w+ ){0,4}to)\b (?:the |an? |it on |this on "
    r"|the \w+ on )*(?:[\w'’-]+ ){0,4}$",
    regex.I,
)
_BLAMED = regex.compile(
    r"^(?: [\w'’-]+){0,2} (?:was|were|is|are|has been|have been|been),? (?:\w+ )?(?:blamed|accused|suspected)\b",
    regex.I,
)
_NAME = regex.compile(
    r"(?:the |an? )?(?P<name>(?:al-|Al-)?\p{Lu}[\p{L}\p{M}\d.'’-]*(?: (?:(?:of|for|and|the|in|de|e"
    r"|al) ){0,2}(?:al-)?\p{Lu}[\p{L}\p{M}\d.'’-]*)*)"
    r"(?:,[^,]{1,60},)?(?: (?:has|have|had|also|later|spokes\w+|\w+ly|\w+day))*\s?$"
)

_CLAIMED_BY = regex.compile(r"\bclaimed (?:yesterday |later |\w+day )?by\b", regex.I)
_NAMED_AFTER = regex.compile(
    r" (?:the |an? )?(?P<name>(?:al-)?\p{Lu}[\p{L}\p{M}\d.'’-]*"
    r"(?: (?:(?:of|for|and|the) ){0,2}\p{Lu}[\p{L}\p{M}\d'’-]*)*)"
)


@dataclass(frozen=True, slots=True)
class _Mention:
    """A sentence that mentions an event: its words, and its triggers and doers with offsets in it."""

    words: str
    triggers: Sequence[tuple[int, int]]
    doers: Sequence[tuple[int, int, str]]


def find_claims(
    sentences: Sentences,
    attack_type: str,
    triggers: Sequence[PredictedSpan],
    doers: Sequence[PredictedSpan],
) -> tuple[bool, Attribution]:
    """Return whether an attack is claimed, and who claims it, who denies it, and who is blamed for it.

    An attack is claimed if a sentence that mentions it, or one of its doers, says so without a negation: 'claimed
    responsibility', 'claimed the raid', 'said it was behind'; if its doer speaks ('we', 'our fighters', 'the army said
    its jets had struck'); if a force of a state did it and an organ of a state reports it; and in a release of the
    doer's own command.

    Names are taken from the mentions of the doers; where a sentence has none, from the capitalised words before the
    verb.
    """
    mentions = list(_mentions(sentences, triggers, doers))
    claims = [(mention, at) for mention in mentions for at in _claims(mention)]
    claimed = bool(claims) or _announced(sentences.text, mentions, attack_type, doers)
    return claimed, Attribution(
        claimed_by=_names(_speaker(mention, at) for mention, at in claims),
        denied_by=_names(
            _speaker(mention, match.start(), after=False)
            for mention in mentions
            for match in _DENIES.finditer(mention.words)
            if not _NOT_DENIED.search(mention.words[: match.end()])
        ),
        blamed=_names(name for mention in mentions for name in _blamed(mention)),
    )


def _mentions(
    sentences: Sentences, triggers: Sequence[PredictedSpan], doers: Sequence[PredictedSpan]
) -> Iterator[_Mention]:
    """Yield the sentences with a trigger or a doer of the event, in order."""
    for number in sorted({sentences.index(span.start) for span in (*triggers, *doers)}):
        start, end = sentences.bounds(number)
        yield _Mention(
            sentences.text[start:end],
            [(t.start - start, t.end - start) for t in triggers if start <= t.start < end],
            [(d.start - start, d.end - start, d.text) for d in doers if start <= d.start < end],
        )


def _claims(mention: _Mention) -> Iterator[int]:
    """Yield the offsets of claims in a sentence, without those that are negated or denied."""
    found = [match.start() for match in _CLAIM.finditer(mention.words)]
    for start, end in mention.triggers:
        lead = mention.words[:start]
        owned = _OWNS.search(lead) or _WE.search(lead) or (mention.doers and _CONFIRMED.search(lead)) or _own_act(lead)
        if owned:
            found.append(owned.start())
        by = _BY.search(mention.words[end:])
        if by and not _LIVES.search(lead):
            found.append(end + by.end())
    for start, end, words in mention.doers:
        ours = mention.triggers and regex.match(r"our\b", words, regex.I)
        if ours or (_is_name(words) and _SPEAKS.search(mention.words[end:]) and not _ELSE.search(mention.words)):
            found.append(start)
    for at in sorted(set(found)):
        if not _DENIED.search(_CLAIM_EDGE.split(_ASIDE.sub("", mention.words[:at]))[-1]):
            yield at


def _is_name(words: str) -> bool:
    return any(word[:1].isupper() for word in words.split()) and not words.isupper()


def _own_act(lead: str) -> regex.Match[str] | None:
    """Find 'said its jets had' right before a trigger, unless its side suffered the act or a witness speaks."""
    found = _OWN_ACT.search(lead)
    if not found or _SUFFERED.search(found[0]) or _HE.search(lead[: found.start()]):
        return None
    return found


def _announced(text: str, mentions: Sequence[_Mention], attack_type: str, doers: Sequence[PredictedSpan]) -> bool:
    """Whether an organ of a state reports what forces of a state did, or the text is a release of theirs."""
    forces = [bool(_STATE_FORCE.search(doer.text)) for doer in doers]
    if any(forces) and _RELEASE.search(text[:_HEAD]):
        return True
    reported = any(
        mention.triggers and _STATE_SPEAKER.search(mention.words) and not _OWN_LOSS.search(mention.words)
        for mention in mentions
    )
    return bool(forces) and all(forces) and attack_type in _BY_STATES and reported


def _speaker(mention: _Mention, at: int, *, after: bool = True) -> str | None:
    """Return who speaks: the last doer before an offset, else capitalised words there, else the first doer after it."""
    following = [name for start, _, name in mention.doers if start > at]
    by = after and _CLAIMED_BY.search(mention.words, max(0, at - 30), at + 160)
    if by:
        close = [name for start, _, name in mention.doers if by.end() <= start <= by.end() + 40]
        named = _NAMED_AFTER.match(mention.words, by.end())
        return close[0] if close else (str(named["name"]) if named else None)
    edge = max((match.end() for match in _CLAIM_EDGE.finditer(mention.words[:at])), default=0)
    named = None if mention.words.isupper() else _NAME.search(mention.words[:at])
    before = [name for start, _, name in mention.doers if start <= at]
    near = [name for start, _, name in mention.doers if edge <= start <= at]
    if near:
        return near[-1]
    if named and named.start() >= edge:
        return str(named["name"])
    if before:
        return before[-1]
    if named:
        return str(named["name"])
    return following[0] if after and following else None


def _blamed(mention: _Mention) -> Iterator[str]:
    """Yield the doers that somebody blames or accuses."""
    for start, end, name in mention.doers:
        if _BLAMES.search(mention.words[:start]) or _BLAMED.search(mention.words[end:]):
            yield name


def _names(found: Iterator[str | None]) -> tuple[str, ...]:
    """Return names without repeats, in order."""
    return tuple({name_key(name): name for name in reversed([name for name in found if name])}.values())[::-1]
