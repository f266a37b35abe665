"""Places as a gazetteer knows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


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
