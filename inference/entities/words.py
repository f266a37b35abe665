"""Words for groups and people: what class of actor a noun means, and how many."""

from __future__ import annotations

from annotations.text.words import listed

# Heads of mentions, by class. Mentions of two classes are never the same entity.
MILITANTS = listed(
    "gunman gunmen gunwoman rebel rebels militant militants insurgent insurgents guerrilla guerrillas fighter "
    "fighters terrorist terrorists jihadist jihadists jihadi jihadis extremist extremists islamist islamists "
    "separatist separatists secessionist secessionists militiaman militiamen militia militias bandit bandits thug "
    "thugs maoist maoists naxal naxals naxalite naxalites dissident dissidents irregular irregulars paramilitary "
    "paramilitaries subversive subversives plotters mujahideen cartel sicarios hitmen hitman partisans"
)
ARMY = listed(
    "army troop troops soldier soldiers military marines navy jet jets warplane warplanes aircraft plane planes "
    "helicopter helicopters gunship gunships drone drones howitzers tanks warship warships artillery gunners "
    "reservists paratroopers commandos peacekeepers f-16s batteries battalion"
)
POLICE = listed("police policeman policemen policewoman gendarme gendarmes constable constables cops")
CROWD = listed(
    "mob mobs crowd crowds youths youth protesters protester demonstrators demonstrator rioters rioter residents "
    "villagers students settlers supporters looters neighbours neighbors herders herdsmen farmers fishermen"
)
CLASSES = {"militants": MILITANTS, "army": ARMY, "police": POLICE, "crowd": CROWD}
# Services of a state that are not one another, although all are of its forces.
SERVICES = {"army": "land", "navy": "sea", "marines": "sea", "force": "air"}
# Doers named by the act: whoever did it.
BY_ACT = listed(
    "attacker attackers assailant assailants raider raiders hijacker hijackers kidnapper kidnappers killer killers "
    "perpetrator perpetrators abductor abductors captor captors shooter shooters boarders intruders arsonists "
    "murderers murderer invaders aggressors victors bomber bombers"
)
# Words for people that say nothing of who they are.
VAGUE = listed("man men group gang band people member members woman women suspects suspect trio pair duo one ones")
# A part of a group, or somebody of it, is not the group.
PARTS = listed(
    "faction factions splinter wing branch column columns unit units brigade brigades battalion division squad squads "
    "cell cells remnant remnants flotilla family team teams task detachment offshoot ally allies affiliate commander "
    "commanders leader leaders chief chiefs founder head spokesman spokeswoman captain general colonel lieutenant "
    "follower recruiter teenager director driver bodyguard relatives wife son sons brother brothers"
)
# People who act for the group whose name goes before or after: 'Volta Front fighters', 'members of the Volta Front'.
OF_GROUP = (
    MILITANTS
    | VAGUE
    | listed(
        "forces force personnel operatives elements cadres loyalists soldiers troops columns jets howitzers gunners"
    )
)
COLLECTIVES = listed(
    "army police military group gang band militia crowd mob navy force forces coalition alliance front movement "
    "troops artillery aircraft government regime junta dictatorship cartel people personnel staff crew family "
    "congregation trio pair duo couple column flotilla faction brigade unit command party sect organisation "
    "organization"
)
PLURALS = listed(
    "men women gunmen militiamen policemen children people youth herdsmen fishermen crewmen seamen hitmen mujahideen "
    "police troops"
)
# Adjectives and nouns in front that are no part of a name.
MODIFIERS = listed(
    "the a an suspected alleged unidentified unknown armed masked hooded leftist left-wing right-wing far-right "
    "ethnic former ex- islamic islamist separatist rebel militant dissident government pro-government anti-government "
    "state federal local regional foreign heavily well-armed off-duty security special loyal rival tribal young "
    "bearded black-clad uniformed plainclothes plain-clothes lone suicide female male teenage northern southern "
    "eastern western north south east west central two three four five six seven eight nine ten several some dozens "
    "hundreds presumed so-called self-styled banned outlawed sunni shi'ite shiite muslim christian hindu communist "
    "marxist maoist jihadist islamist-led rebel-held opposition paramilitary criminal gang drug air ground combat "
    "patrol fighter attack gunship pro-russian pro-iranian iran-backed saudi-led u.s.-led nato-led un members member "
    "forces force"
)
LEXICON = MILITANTS | ARMY | POLICE | CROWD | BY_ACT | VAGUE | PARTS | OF_GROUP | COLLECTIVES | PLURALS | MODIFIERS


def class_of(head: str) -> str | None:
    """Return the class of actor that a noun means; None if it tells none.

    Example:
        >>> class_of("gunmen"), class_of("troops"), class_of("bakers")
        ('militants', 'army', None)
    """
    return next((name for name, words in CLASSES.items() if head in words), None)


def number_of(head: str) -> str | None:
    """Return `many` for a plural or a collective noun, `one` for another noun.

    Example:
        >>> number_of("gunmen"), number_of("army"), number_of("bomber")
        ('many', 'many', 'one')
    """
    if head in PLURALS or head in COLLECTIVES:
        return "many"
    return "many" if head.endswith("s") and not head.endswith(("ss", "us")) else "one"
