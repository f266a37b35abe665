"""Where the triggers of an article stand, when their offsets can be believed only in part.

In copies of WikiEvents whose arguments are strings, an offset is where the trigger's first word stands first in the
article, whichever of its places was meant. A word that stands once is found by that; of one that stands more often, the
arguments tell the place, or the file names it as often as it stands. An offset that is not the first place is believed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from annotations.importers.drafts import trimmed
from annotations.importers.wikievents.tokens import Tokens, uncut

NOWHERE = "its words stand nowhere in the text"
UNTOLD = "its words stand more often than the file names them, and no argument tells where"
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger as the file has it.

    Args:
        words: Its words.
        start: Number of its first token.
        arguments: The words of the arguments of its event.
    """

    words: str
    start: int
    arguments: tuple[str, ...]


def located(triggers: Sequence[Trigger], tokens: Tokens) -> list[Place | str]:
    """Find the places of triggers.

    Args:
        triggers: All triggers of an article: how often the file names a word counts.
        tokens: The article.

    Returns:
        For each trigger its offsets, or the reason why it has none.

    Example:
        >>> tokens = Tokens("A blast hit Gao . The blast in Kidal hurt two .".split())
        >>> triggers = [Trigger("blast", 1, ("Kidal",)), Trigger("blast", 1, ("Gao",))]
        >>> located(triggers, tokens)
        [(22, 27), (2, 7)]
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for number, trigger in enumerate(triggers):
        groups[trigger.words].append(number)
    found: dict[int, Place | str] = {}
    for words, members in groups.items():
        places = _places(words, tokens)
        if places:
            found |= _shared_out({member: triggers[member] for member in members}, places, tokens)
        else:
            found |= dict.fromkeys(members, NOWHERE)
    return [found[number] for number in range(len(triggers))]


def _places(words: str, tokens: Tokens) -> list[Place]:
    """Find where words stand in just this case, or if they do not, in any case."""
    for wanted in uncut(words):
        anywhere = tokens.places(wanted)
        exact = [place for place in anywhere if tokens.text[slice(*place)] == wanted]
        if anywhere:
            return [inner for place in exact or anywhere if (inner := trimmed(tokens.text, *place))]
    return []


def _shared_out(triggers: dict[int, Trigger], places: list[Place], tokens: Tokens) -> dict[int, Place | str]:
    """Give each trigger with the same words a place of its own: the believed, then the nearest, then what is left."""
    found: dict[int, Place | str] = {}
    free = list(places)
    wishes = [(_distance(t, p, tokens), n, p) for n, t in triggers.items() for p in places]
    for distance, number, place in sorted(wishes, key=lambda wish: (wish[0] is None, wish[0] or 0, wish[1], wish[2])):
        if distance is not None and number not in found and place in free:
            found[number] = place
            free.remove(place)
    rest = [number for number in triggers if number not in found]
    if len(rest) < len(free):
        return found | dict.fromkeys(rest, UNTOLD)
    # As many as there are places, or more: all places are triggers, and what is too much repeats the first.
    return found | dict(zip(rest, [*free, *[places[0]] * len(rest)], strict=False))


def _distance(trigger: Trigger, place: Place, tokens: Tokens) -> int | None:
    """Return how far the arguments stand from a place; None if none of them stands in its sentence."""
    begin, end = tokens.sentence(place[0])
    offset = tokens.spans[trigger.start][0] if 0 <= trigger.start < len(tokens.spans) else -1
    if offset == place[0] and tokens.tokens.index(tokens.tokens[trigger.start]) != trigger.start:
        return -1_000_000
    nearest = []
    for argument in trigger.arguments:
        near = [p for p in tokens.places(argument) if begin <= p[0] < end]
        nearest += [min(max(p[0] - place[1], place[0] - p[1]) for p in near)] if near else []
    # The more arguments stand in the sentence the better, and of as many, the nearer.
    return sum(nearest) - 10_000 * len(nearest) if nearest else None
