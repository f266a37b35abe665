"""Words that tell one attack from another too little, and the names of countries."""

from __future__ import annotations

# Words that make a place a part of a country.
_WITHIN = (
    "province provinces state states region governorate wilaya department oblast county country northern southern "
    "eastern western central northeastern northwestern southeastern southwestern north south east west northeast "
    "northwest southeast southwest republic border"
)
WITHIN = frozenset(_WITHIN.split())
# In names of places.
_PLACES = (
    "the of in at near a an and le la los las de del city town village district county sub area subdistrict township "
    "municipality commune tehsil tambon lga local government island islands road street highway valley mountain "
    "mountains river lake camp port san santa saint st new old upper lower greater outskirts capital suburb "
    "neighbourhood neighborhood quarter territory zone square market airport station junction bridge"
)
# In mentions of people and things.
_PEOPLE = (
    "suspected alleged unidentified unknown armed masked men man women woman people person persons others members "
    "member boy boys girl girls child children civilian civilians resident residents victim victims family families "
    "passenger passengers group groups gang gunman gunmen militant militants rebel rebels insurgent insurgents "
    "guerrilla guerrillas fighter fighters attacker attackers assailant assailants bandit bandits terrorist "
    "terrorists extremist extremists separatist separatists militia militias militiaman militiamen bomber bombers "
    "kidnapper kidnappers jihadist jihadists islamist islamists soldier soldiers troop troops army police policeman "
    "policemen officer officers force forces security military navy air trooper troopers commando commandos guard "
    "guards unit units command patrol front movement party liberation national popular people's peoples islamic "
    "muslim muslims christian christians brigade brigades faction organisation organization network cell command "
    "united democratic revolutionary two three four five six seven eight nine ten several some many dozens scores "
    "mr mrs ms dr judge colonel general captain major sergeant lieutenant president minister mayor governor deputy "
    "chief leader commander president chairman professor sheikh mullah self defence defense joint local foreign "
    "government regime building house houses home homes car vehicle vehicles"
)
_CALENDAR = (
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december jan feb mar apr jun jul aug sep sept oct nov dec eid ramadan christmas easter "
    "i he she it they we a the this that gmt news agency press tv radio update"
)
COMMON = frozenset(f"{_PLACES} {_PEOPLE} {_CALENDAR}".split()) | WITHIN
_NATIONS = """
afghanistan|albania|algeria|angola|argentina|armenia|australia|austria|azerbaijan|bahrain|bangladesh|belarus|belgium|
belize|benin|bhutan|bolivia|bosnia|botswana|brazil|britain|british|england|scotland|wales|ireland|northern ireland|
brunei|bulgaria|burkina|burkina faso|burma|burundi|cambodia|cameroon|canada|central african|chad|chile|china|
colombia|congo|drc|zaire|costa rica|croatia|cuba|cyprus|czech|denmark|djibouti|dominican|ecuador|egypt|el salvador|
salvador|eritrea|estonia|ethiopia|finland|france|french|gabon|gambia|georgia|germany|ghana|greece|greek|guatemala|
guinea|guinea bissau|guyana|haiti|honduras|hungary|iceland|india|indonesia|iran|iraq|israel|italy|ivory coast|
cote d ivoire|jamaica|japan|jordan|kazakhstan|kenya|korea|kosovo|kuwait|kyrgyzstan|laos|latvia|lebanon|lesotho|liberia|
libya|lithuania|macedonia|madagascar|malawi|malaysia|maldives|mali|malta|mauritania|mexico|moldova|mongolia|montenegro|
morocco|mozambique|myanmar|namibia|nepal|netherlands|dutch|new zealand|nicaragua|niger|nigeria|norway|oman|pakistan|
palestine|panama|papua|papua guinea|paraguay|peru|philippines|filipino|poland|portugal|qatar|romania|russia|rwanda|
saudi|saudi arabia|senegal|serbia|sierra leone|singapore|slovakia|slovenia|somalia|somaliland|south africa|spain|
spanish|sri lanka|lanka|sudan|suriname|swaziland|sweden|switzerland|syria|taiwan|tajikistan|tanzania|thailand|thai|
timor|togo|trinidad|tunisia|turkey|turkish|turkmenistan|uganda|ukraine|uae|emirates|uk|us|usa|america|american|
uruguay|uzbekistan|venezuela|vietnam|yemen|yugoslavia|zambia|zimbabwe|africa|asia|europe|middle east|sahel
"""
COUNTRIES = frozenset("".join(_NATIONS.split("\n")).split("|"))
