"""Words for people and things, pronouns, and the extent of a mention."""

from __future__ import annotations

import regex

from annotations.importers.base import shipped_schema
from annotations.text.words import listed

# Never marked, by the guidelines on edges and on VICTIM.
PRONOUNS = listed(
    """
    he she it they we i you him her them us me himself herself themselves itself his their its who whom which
    that what this these those one ones another other others more anyone everyone nobody many some so elsewhere
    where there first
    """
)
EMPTY_PEOPLE = listed(
    """
    people persons person others lives bodies body dead wounded injured casualties casualty victims victim
    survivors survivor hostages hostage targets target individuals anybody someone unknowns
    """
)
# Head words of buildings, vehicles and the like.
THINGS = listed(
    """
    academy airfield airport apartment arena bank bar barracks bars base boat bridge building buildings bus
    buses cafe camp camps car cars cathedral center centers centre centres checkpoint checkpoints church
    churches clinic club compartment compartments compound compounds consulate convoy convoys court embassies
    embassy exchange facility factory ferry flight garage hall headquarters helicopter home homes hospital hotel
    hotels house houses inn installation jet library line mall market marketplace metro minibus mosque mosques
    motorcade museum office offices outpost palace pipeline pipelines plane planes platform post prison pub pubs
    railway restaurant restaurants school schools ship shop shops shrine stadium stall station stations store
    stores subway synagogue tank tanks taxi temple tower towers train trains truck trucks tunnel university van
    vehicle vehicles wall
    """
)
_MORE_PEOPLE = listed(
    """
    agent agents allies assailant attackers bomber bombers boyfriend christians citizen citizens client clients
    colleague colleagues commander commanders community contractor contractors crowd crowds crew cousin
    dissidents elderly extremists father followers foreigner foreigners friend friends girlfriend grandson guest
    guests immigrant immigrants infant innocents jews landholders leader leaders leadership member members
    militia minorities mummy muslims national nationals nephew niece noncombatants operatives owner parents
    partner people personnel pilgrims pilot pilots priests protester protesters prisoners sister sisters sons
    spectators spectator suspect suspects staff supporter supporters team teenager teenagers teens terrorist
    toddler tourists trooper troopers tribesmen uncle worker youth youths lawyer nurse baby babies teen cop cops
    forces
    """
)
_ATTACKERS = listed(
    "attacker attackers assailant assailants bomber bombers gunman gunmen perpetrator perpetrators suspect suspects"
    " terrorist terrorists"
)
_DEMONYM = regex.compile(r"\p{Lu}\p{L}+(?:ans|ians|lis|nis|qis|shi|ese|British|French|Irish)")
_MEMBERS = (
    "(?:suicide\\ )?(?:militants?|insurgents?|fighters?|gun(?:men|man)|rebels?|terrorists?|guerrillas?|members?|"
    "bombers?|jihadis?|jihadists?|extremists?|separatists?|dissidents?|militiam[ae]n|troops|soldiers?|forces|"
    "operatives?|cadres|attackers?|herders|herdsmen|cell|commandos?|assassins?|assailants?|kidnappers)"
)
_MEMBERS_BEHIND = regex.compile(rf"\s+(?:(?:armed|splinter)\s+)?{_MEMBERS}\b", regex.VERBOSE)
_ADJECTIVE_IN_FRONT = regex.compile(
    r"\b(?:suspected|alleged|armed|masked|unidentified|unknown|heavily\ armed|Islamist|separatist|suicide)\s+$",
    regex.IGNORECASE | regex.VERBOSE,
)
# Means and manner before a trigger noun belong to it, by the guidelines on ATTACK.
_MEANS_IN_FRONT = regex.compile(
    r"(?:\b(?:suicide|car|truck|roadside|bomb|pipe\ ?-\ ?bomb|grenade|rocket|mortar|drone|gun|knife|nail|letter|arson|"
    r"missile|chemical|gas|hit-and-run)(?:\ |\ ?-\ ?))+$",
    regex.IGNORECASE | regex.VERBOSE,
)
_TRIGGER_NOUN = regex.compile(r"(?:attack|bombing|explosion|blast|strike|raid|assault|fire|ambush)s?", regex.IGNORECASE)


def with_means(text: str, start: int, end: int) -> tuple[int, int]:
    """Extend a trigger noun to the words of means or manner before it.

    Example:
        >>> text = "a suicide car bombing"
        >>> start, end = with_means(text, 14, 21)
        >>> text[start:end]
        'suicide car bombing'
    """
    in_front = _MEANS_IN_FRONT.search(text, max(0, start - 40), start)
    noun = _TRIGGER_NOUN.fullmatch(text, start, end)
    return (in_front.start(), end) if in_front and noun else (start, end)


def is_people(mention: str) -> bool:
    """Whether the last word of a mention is a word for people.

    Example:
        >>> is_people("off-duty police officers"), is_people("Nepalis"), is_people("market")
        (True, True, False)
    """
    head, kinds = _head(mention), shipped_schema().labels["VICTIM"].categories.values()
    known = head.lower() in _MORE_PEOPLE or any(head.lower() in words for words in kinds)
    return known or _DEMONYM.fullmatch(head) is not None


def is_specific(mention: str) -> bool:
    """Whether a mention means the same people throughout an article: a name, or a word for attackers.

    Example:
        >>> is_specific("Sow"), is_specific("gunmen"), is_specific("people")
        (True, True, False)
    """
    return any(letter.isupper() for letter in mention) or _head(mention) in _ATTACKERS


def is_thing(mention: str) -> bool:
    """Whether the last word of a mention is a building, a vehicle or the like.

    Example:
        >>> is_thing("Hotel"), is_thing("Central Station"), is_thing("station master")
        (True, True, False)
    """
    return _head(mention).lower() in THINGS


def _head(mention: str) -> str:
    words = mention.split()
    return words[-1] if words else ""


def with_members(text: str, start: int, end: int) -> tuple[int, int]:
    """Extend the name of a group to its noun phrase: its fighters, and adjectives such as 'suspected'.

    Example:
        >>> text = "suspected Front militants fled"
        >>> start, end = with_members(text, 10, 15)
        >>> text[start:end]
        'suspected Front militants'
    """
    behind = _MEMBERS_BEHIND.match(text, end)
    in_front = _ADJECTIVE_IN_FRONT.search(text, max(0, start - 40), start)
    return in_front.start() if in_front else start, behind.end() if behind else end
