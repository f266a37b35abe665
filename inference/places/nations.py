"""Nations: names of countries as news writes them, and the words for their people, by ISO 3166-1 code.

Large areas of one country that are no region of it, such as Sinai, count as names of the country. A word that may mean
several countries, or a country and something else ('Congo', 'Korea', 'Dominican'), is left out.
"""

from __future__ import annotations

from functools import cache

# Code, names, and after the bar the words for people and things of the country.
_TABLE = """
AF Afghanistan | Afghan, Afghans
AL Albania | Albanian, Albanians
DZ Algeria | Algerian, Algerians
AD Andorra | Andorran
AO Angola | Angolan, Angolans
AR Argentina | Argentine, Argentinian, Argentines
AM Armenia | Armenian, Armenians
AU Australia | Australian, Australians
AT Austria | Austrian, Austrians
AZ Azerbaijan | Azerbaijani, Azerbaijanis, Azeri, Azeris
BS Bahamas | Bahamian
BH Bahrain | Bahraini, Bahrainis
BD Bangladesh | Bangladeshi, Bangladeshis
BB Barbados | Barbadian
BY Belarus | Belarusian, Belarusians
BE Belgium | Belgian, Belgians
BZ Belize | Belizean
BJ Benin | Beninese
BT Bhutan | Bhutanese
BO Bolivia | Bolivian, Bolivians
BA Bosnia and Herzegovina, Bosnia, Bosnia-Herzegovina | Bosnian, Bosnians
BW Botswana | Botswanan
BR Brazil | Brazilian, Brazilians
BN Brunei | Bruneian
BG Bulgaria | Bulgarian, Bulgarians
BF Burkina Faso | Burkinabe, Burkinabé
BI Burundi | Burundian, Burundians
KH Cambodia | Cambodian, Cambodians
CM Cameroon | Cameroonian, Cameroonians
CA Canada | Canadian, Canadians
CV Cape Verde, Cabo Verde | Cape Verdean
CF Central African Republic | Central African
TD Chad | Chadian, Chadians
CL Chile | Chilean, Chileans
CN China | Chinese
CO Colombia | Colombian, Colombians
KM Comoros | Comoran, Comorian, Comorans
CG Republic of the Congo, Republic of Congo, Congo-Brazzaville
CD Democratic Republic of the Congo, Democratic Republic of Congo, DR Congo, DRC, Zaire | Zairean
CR Costa Rica | Costa Rican
CI Côte d'Ivoire, Ivory Coast | Ivorian, Ivorians
HR Croatia | Croatian, Croatians, Croat, Croats
CU Cuba | Cuban, Cubans
CY Cyprus | Cypriot, Cypriots
CZ Czech Republic, Czechia | Czech, Czechs
DK Denmark | Danish
DJ Djibouti | Djiboutian
DO Dominican Republic
TL East Timor, Timor-Leste | East Timorese, Timorese
EC Ecuador | Ecuadorean, Ecuadorian, Ecuadoran
EG Egypt, Sinai, Sinai Peninsula | Egyptian, Egyptians
SV El Salvador | Salvadoran, Salvadorean, Salvadorans
GQ Equatorial Guinea | Equatoguinean
ER Eritrea | Eritrean, Eritreans
EE Estonia | Estonian, Estonians
SZ Eswatini, Swaziland | Swazi
ET Ethiopia | Ethiopian, Ethiopians
FJ Fiji | Fijian, Fijians
FI Finland | Finnish
FR France | French
GA Gabon | Gabonese
GM Gambia | Gambian
GE Georgia | Georgian, Georgians
DE Germany, West Germany, East Germany | German, Germans
GH Ghana | Ghanaian, Ghanaians
GR Greece | Greek, Greeks
GT Guatemala | Guatemalan, Guatemalans
GN Guinea | Guinean, Guineans
GW Guinea-Bissau
GY Guyana | Guyanese
HT Haiti | Haitian, Haitians
HN Honduras | Honduran, Hondurans
HU Hungary | Hungarian, Hungarians
IS Iceland | Icelandic
IN India | Indian, Indians
ID Indonesia, Sumatra, Java, Sulawesi | Indonesian, Indonesians
IR Iran | Iranian, Iranians
IQ Iraq | Iraqi, Iraqis
IE Ireland, Republic of Ireland | Irish
IL Israel | Israeli, Israelis
IT Italy | Italian, Italians
JM Jamaica | Jamaican, Jamaicans
JP Japan | Japanese
JO Jordan | Jordanian, Jordanians
KZ Kazakhstan | Kazakh, Kazakhs
KE Kenya | Kenyan, Kenyans
KP North Korea | North Korean
KR South Korea | South Korean
XK Kosovo | Kosovan, Kosovar, Kosovars
KW Kuwait | Kuwaiti, Kuwaitis
KG Kyrgyzstan | Kyrgyz
LA Laos | Laotian, Lao
LV Latvia | Latvian, Latvians
LB Lebanon | Lebanese
LS Lesotho | Basotho
LR Liberia | Liberian, Liberians
LY Libya | Libyan, Libyans
LT Lithuania | Lithuanian
MG Madagascar | Malagasy
MW Malawi | Malawian, Malawians
MY Malaysia | Malaysian, Malaysians
MV Maldives | Maldivian
ML Mali | Malian, Malians
MT Malta | Maltese
MR Mauritania | Mauritanian, Mauritanians
MU Mauritius | Mauritian
MX Mexico | Mexican, Mexicans
MD Moldova | Moldovan, Moldovans
MN Mongolia | Mongolian
ME Montenegro | Montenegrin
MA Morocco | Moroccan, Moroccans
MZ Mozambique | Mozambican, Mozambicans
MM Myanmar, Burma | Burmese
NA Namibia | Namibian, Namibians
NP Nepal | Nepali, Nepalese, Nepalis
NL Netherlands, Holland | Dutch
NZ New Zealand | New Zealanders, New Zealander
NI Nicaragua | Nicaraguan, Nicaraguans
NE Niger | Nigerien, Nigeriens
NG Nigeria | Nigerian, Nigerians
MK North Macedonia, Macedonia | Macedonian, Macedonians
NO Norway | Norwegian, Norwegians
OM Oman | Omani, Omanis
PK Pakistan | Pakistani, Pakistanis
PS Palestine, Gaza Strip, Gaza, West Bank, Palestinian territories, occupied West Bank | Palestinian, Palestinians
PA Panama | Panamanian, Panamanians
PG Papua New Guinea | Papua New Guinean
PY Paraguay | Paraguayan, Paraguayans
PE Peru | Peruvian, Peruvians
PH Philippines, Mindanao, Luzon | Philippine, Filipino, Filipinos
PL Poland | Polish
PT Portugal | Portuguese
QA Qatar | Qatari, Qataris
RO Romania | Romanian, Romanians
RU Russia, Russian Federation, Soviet Union, North Caucasus, Siberia | Russian, Russians
RW Rwanda | Rwandan, Rwandans
SA Saudi Arabia | Saudi, Saudis
SN Senegal | Senegalese
RS Serbia | Serbian, Serb, Serbs
SL Sierra Leone | Sierra Leonean
SG Singapore | Singaporean
SK Slovakia | Slovak, Slovaks
SI Slovenia | Slovenian
SB Solomon Islands | Solomon Islander
SO Somalia, Somaliland | Somali, Somalis
ZA South Africa | South Africans, South African
SS South Sudan | South Sudanese
ES Spain | Spanish
LK Sri Lanka | Sri Lankans, Sri Lankan
SD Sudan, Darfur | Sudanese
SR Suriname | Surinamese
SE Sweden | Swedish
CH Switzerland | Swiss
SY Syria | Syrian, Syrians
TW Taiwan | Taiwanese
TJ Tajikistan | Tajik, Tajiks
TZ Tanzania | Tanzanian, Tanzanians
TH Thailand | Thai, Thais
TG Togo | Togolese
TT Trinidad and Tobago, Trinidad | Trinidadian
TN Tunisia | Tunisian, Tunisians
TR Turkey, Türkiye | Turkish
TM Turkmenistan | Turkmen
UG Uganda | Ugandan, Ugandans
UA Ukraine, Donbas, Donbass | Ukrainian, Ukrainians
AE United Arab Emirates, UAE | Emirati, Emiratis
GB United Kingdom, UK, Britain, Great Britain, England, Scotland, Wales, Northern Ireland | British, Scottish, Welsh
US United States, United States of America, USA, U.S., US, America | American, Americans
UY Uruguay | Uruguayan
UZ Uzbekistan | Uzbek, Uzbeks
VU Vanuatu | ni-Vanuatu
VE Venezuela | Venezuelan, Venezuelans
VN Vietnam | Vietnamese
EH Western Sahara | Sahrawi
YE Yemen | Yemeni, Yemenis
ZM Zambia | Zambian, Zambians
ZW Zimbabwe | Zimbabwean, Zimbabweans
NC New Caledonia | New Caledonian
"""


@cache
def _read() -> tuple[dict[str, str], dict[str, str]]:
    names: dict[str, str] = {}
    people: dict[str, str] = {}
    for line in _TABLE.strip().splitlines():
        code, _, rest = line.partition(" ")
        first, _, second = rest.partition("|")
        names |= {name.strip().casefold(): code for name in first.split(",")}
        # Words of two parts, such as 'South African', are given with a space.
        people |= {word.strip().casefold(): code for word in second.split(",") if word.strip()}
    return names, people


def country_names() -> dict[str, str]:
    """Return the ISO 3166-1 alpha-2 code of each country by its names, in lower case.

    Example:
        >>> country_names()["ivory coast"]
        'CI'
    """
    return _read()[0]


def demonyms() -> dict[str, str]:
    """Return the code of each country by the words for its people, in lower case.

    Example:
        >>> demonyms()["burkinabe"], demonyms()["south sudanese"]
        ('BF', 'SS')
    """
    return _read()[1]
