"""Columns of places in the event table: name, type, meaning, counterparts in ACLED and GTD, and the key of a place."""

from __future__ import annotations

LOCATIONS = "locations"  # the role after whose column they come
_ASKED = "Only if places are looked up (`--geo`); empty if the text is not clear."
PLACES = (
    ("country", "text", f"Country of the place. {_ASKED}", "country", "country_txt", "country"),
    ("country_iso3", "text", "ISO 3166-1 code of the country, three letters.", "", "", "alpha3"),
    ("admin1", "text", "First-order region, such as a province.", "admin1", "provstate", "region"),
    (
        "latitude",
        "number",
        "Degrees north; for a region those of its largest city.",
        "latitude",
        "latitude",
        "latitude",
    ),
    ("longitude", "number", "Degrees east.", "longitude", "longitude", "longitude"),
    ("geo_precision", "text", "`city`, `region` or `country`.", "geo_precision", "specificity", "precision"),
)
