"""Mapping the attack types of Wikipedia's lists to the schema, and trigger words by type."""

from __future__ import annotations

from functools import lru_cache

import regex

# These patterns cover some 270 spellings; the first match counts.
_TABLE = tuple(
    (regex.compile(words, regex.IGNORECASE), kind)
    for words, kind in (
        (r"shoot-?\ ?down|shot\ ?down|shutdown|^unknown|^various|plot|theft|robb|jailbreak|prison\ break", None),
        (r"air\ ?strikes?|air\ raid|aerial|drone", "air_strike"),
        (r"hijack|piracy", "hijacking"),
        (r"kidn?ap|abduct|hostage", "abduction"),
        (r"mortar|rocket|artiller|shelling|missile|atgm|\brpg", "shelling"),
        (
            r"chemical|\bgas|poison|acid|ston(e|ing)|beating|unarmed|lynch|bio(attack|terror)|crush|bury|freez",
            "unarmed_assault",
        ),
        (r"arson|burning|sabotage|vandal|loot|pillage|derail|fire\ ?bomb|petrol", "arson_sabotage"),
        (r"assassin|targeted\ killing", "assassination"),
        (r"bomb|\bieds?\b|explo|grenade|\bmine|landmine|dynamite|suicide", "bombing"),
        (r"clash|shoot-?outs?\b|fire\ ?fight|gun\ ?battle|skirmish|fighting|tribal", "armed_clash"),
        (
            r"exec|behead|decapit|massacre|murder|shoot|stab|knife|machete|melee|\bgun|ambush|raid|sniper|vehicular|"
            r"vehicle|car\ attack|armed|hacking|firing|killing|genocide|cut\ down|crucif",
            "armed_assault",
        ),
        (r"attack|assault|violence|terror", "unspecified_attack"),
    )
)
_ATTEMPTED = regex.compile(r"\b(attempted|failed|attempt)\b", regex.IGNORECASE)
_SUICIDE = regex.compile(r"\bsuicide\b", regex.IGNORECASE)
_MANNER = (
    r"(?:(?:suicide|car|truck|roadside|bomb|grenade|rocket|mortar|drone|gun|knife|stabbing|letter|arson|missile|"
    r"bicycle|motorcycle|"
    r"twin|landmine|mine|IED|vehicle|van|nail|pipe|petrol|vehicle-ramming|ramming|hit-and-run|shooting|bombing)[- ])*"
)
_SELF = r"(?:himself|herself|themselves|itself)"
_STRUCK = r"(?:struck|hits?)(?= (?:an?|the|their|his|her|its|by|two|three)\b)"  # what a bomb or a rocket does
_SHOOTING = (
    r"(?:open(?:ed|s|ing) fire|sho(?:t|oting|ots?) (?:dead|and killed)|shot (?:at|to death)|sho(?:t|oting)|shoot(?:s|"
    r"ings)?|gun(?:ned|s|ning) down|mass shootings?|fir(?:ed|ing) (?:on|at|upon)|drive-by shootings?)"
)
# A hyphen separates words, so one before a match has to be excluded explicitly.
_WORDS = {
    "bombing": rf"{_MANNER}(?:bombings?|explosions?|blasts?|detonations?)|explod(?:ed|es|e|ing)|detonat(?:ed|es|e|ing)|"
    rf"(?:went|goes|going|gone|set|sets|setting) off|bl(?:ew|own|ows|owing) {_SELF} up|bl(?:ew|own|ows|owing) up|"
    rf"bombed|{_STRUCK}",
    "shelling": rf"shell(?:ed|ing)s?|(?:mortar|rocket|artillery|missile) (?:fire|strikes?)|fir(?:ed|ing|es)|{_STRUCK}",
    "air_strike": r"(?:air ?|drone )strikes?|air raids?|bombed|bombing",
    "armed_assault": rf"{_SHOOTING}|ambush(?:ed|es|ing)?|storm(?:ed|ing|s)|stab(?:bed|bing|s)(?: to death)?|stabbings|"
    r"raid(?:ed|s|ing)?|massacred?|execut(?:ed|ions?|ing|es)|behead(?:ed|ing|ings|s)|hacked(?: to death)?|ramm(?:ed|"
    r"ing)|(?:drove|ploughed|plowed) into|ran over|slaughtered|murdered|attempted to stab",
    "armed_clash": r"clash(?:ed|es)?|firefights?|gun ?(?:fights?|battles?)|shoot-?outs?|battles?|fighting|"
    r"exchange of (?:gun)?fire|gunfire|fought",
    "assassination": rf"assassinat(?:ed|ions?|es|ing)|{_SHOOTING}|ambush(?:ed)?|murder(?:ed)?",
    "abduction": r"kidnap(?:s|ped|ping|pings)?|abduct(?:ed|s|ions?|ing)|(?:took|taken|taking|takes|"
    r"held)(?: as)? hostages?|hostage[- ]taking",
    "hijacking": r"hijack(?:ed|ing|ings|s)",
    "arson_sabotage": r"set (?:ablaze|fire to|on fire)|set(?:ting)? fire|burn(?:ed|t|ing)(?: down)?|torch(?:ed|ing)|"
    r"arson|fire-?bomb(?:ed|ings?)|loot(?:ed|ing)|sabotaged?|vandali[sz]ed",
    "unarmed_assault": r"beat(?:en|ing)?(?: to death)?|ston(?:ed|ing)|poison(?:ed|ing)|lynch(?:ed|ing)|gas(?:sed|"
    r" attacks?)|chemical attacks?",
    "unspecified_attack": r"(?!)",
}
ATTACK_TYPES = tuple(_WORDS)
_GENERIC = rf"{_MANNER}(?:attack(?:s|ed|ing)?|assault(?:s|ed)?)"
_KILLING = r"kill(?:ed|s|ing)|murder(?:ed|s|ing)|slain"


def attack_types(raw: str) -> list[str]:
    """Return the attack types of an entry, in its order.

    Example:
        >>> attack_types("Shooting, Suicide car bombing")
        ['armed_assault', 'bombing']
        >>> attack_types("Unknown")
        []
    """
    found = (_attack_type(part) for part in regex.split(r"\s*(?:[,;/\\]|\band\b)\s*", raw))
    return list(dict.fromkeys(kind for kind in found if kind))


def _attack_type(part: str) -> str | None:
    # The spaces of the patterns above are written as '\ ', which is a blank with and without the verbose flag.
    return next((kind for words, kind in _TABLE if words.search(part)), None)


def flags_of(raw: str) -> dict[str, bool | str]:
    """Return the event flags of an entry.

    Example:
        >>> flags_of("Attempted suicide bombing"), flags_of("Attempted bombing, shooting")
        ({'suicide': True, 'stage': 'attempted'}, {})
    """
    flags: dict[str, bool | str] = {"suicide": True} if _SUICIDE.search(raw) else {}
    if _ATTEMPTED.search(raw) and len(attack_types(raw)) == 1:  # one of several acts may have succeeded
        flags["stage"] = "attempted"
    return flags


@lru_cache(maxsize=32)
def trigger_words(kind: str) -> tuple[tuple[str, regex.Pattern[str]], ...]:
    """Return the patterns for triggers of a type, with the name of each rule.

    Returns:
        Words of the type, then words for any attack, then verbs of harm.
    """
    rules = (("word of the type", _WORDS[kind]), ("word for any attack", _GENERIC), ("verb of harm", _KILLING))
    return tuple(
        (name, regex.compile(rf"(?<![\p{{L}}\p{{N}}-])(?:{words})(?![\p{{L}}\p{{N}}-])", regex.IGNORECASE))
        for name, words in rules
    )
