"""Whether a text reports an attack, or only says that one might come, or that there was none."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from annotations.text.sentences import Sentences
from inference.prediction import PredictedSpan

# 'Could attack', 'might be bombed': a guess, unless it happened ('could have', 'could hear').
_MIGHT = regex.compile(
    r"(?<!\bbefore \w+ )\b(?:could|might|may)(?! have\b) (?:not |soon |one day |also |again |still |even |next "
    r"|be |well |\w+ly |launch |carry out "
    r"|stage |mount |try to |attempt to |an? |further |more |new )*$",
    regex.I,
)
_FEARED = regex.compile(
    r"\b(?:risks?|fears?|feared|dangers?|possibility|likelihood|prospects?|chances?|in (?:the )?case"
    r"|in the event) (?:of|that) "
    r"(?:an? |the |another |more |further |new |possible |fresh |\w+ist |imminent )*(?:[\w-]+ )?$"
    r"|\b(?:possible|potential|imminent|hypothetical) (?:[\w-]+ )?$",
    regex.I,
)
_POSSIBLE = regex.compile(
    r"^(?: [\w'’-]+){0,5} (?:was|were|is|are|remains?|remained) (?:still |also |highly |very )?(?:possible|likely"
    r"|feared|imminent|expected)\b"
    r"(?! (?:by|that|(?:to|the|an?|carried|launched|staged|work)\b(?! (?:happen|come|follow|occur|take place))))"
    r"|^(?: [\w'’-]+){0,3} (?:could|might|may) (?:follow|come|happen|take place|be (?:imminent|planned|next))\b",
    regex.I,
)
_NONE = regex.compile(
    r"\b(?:no|without (?:an?|any|a single)|free of|not a single) (?:further |other |new |more |such |\w+ist )*$",
    regex.I,
)
_WERE_NONE = regex.compile(
    r"^(?! (?:of|on) (?:this|that|such))(?: [\w'’-]+){0,4} (?:was|were|had been|has been|have been) "
    r"(?:reported|recorded|seen|heard|expected)\b(?![^.;]{0,60}\b(?:since|before|on such|like (?:it|this))\b)",
    regex.I,
)


_DONE = regex.compile(
    r"^(?: (?!(?:if|could|may|might|would|will|can|that)\b)[\w'’-]+){0,4}? "
    r"(?:were|was|died|had been|have been|has been)\b(?! (?:threatened|at risk|feared|expected|saved|not)\b)",
    regex.I,
)
_DID = regex.compile(r"\b(?:killed|wounded|injured|shot(?: dead)?|left) (?:[\w'’-]+ ){0,2}$", regex.I)
_UNREAL = regex.compile(r"\b(?:could|may|might|would|will|if|threat\w*|plan\w*|in \d{4}|last year)\b", regex.I)


def is_told(sentences: Sentences, triggers: list[PredictedSpan], figures: Sequence[PredictedSpan] = ()) -> bool:
    """Whether at least one trigger of an event reports an attack.

    A trigger does not if somebody only guesses ('could attack', 'fears of an attack', 'an attack was possible') or if
    the text says that there was none ('no attacks were reported'). A figure that tells of people killed or hurt shows
    that it happened.
    """
    return any(_reports(sentences, trigger) for trigger in triggers) or any(
        _harmed(sentences, figure) for figure in figures
    )


def _harmed(sentences: Sentences, figure: PredictedSpan) -> bool:
    """Whether people of a figure were harmed, by the words of its clause."""
    before, after = sentences.around(figure.start, figure.end)
    lead = regex.split(r"[,;:]|\b(?:and|but|when|as|after)\b", before)[-1]
    done = _DONE.search(after) or _DID.search(lead)
    return bool(done and not _UNREAL.search(lead))


def _reports(sentences: Sentences, trigger: PredictedSpan) -> bool:
    lead, tail = sentences.around(trigger.start, trigger.end)
    guessed = _MIGHT.search(lead) or _FEARED.search(lead) or _POSSIBLE.search(tail)
    return not (guessed or (_NONE.search(lead) and _WERE_NONE.search(tail)))
