"""Where an offer is: one of the cities that the platform declares, and a position that can be true."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence

from mesto.contracts.places import Location
from mesto.contracts.scraping import DeclaredCity

FARTHEST_KM = 150
"""How far from its city's centre an offer may be."""
_EARTH_KM = 6371.0
_BUILT_IN = (
    # For a crawl that does not tell which cities there are.
    DeclaredCity(slug="moscow", names=["Москва", "Moscow"]),
    DeclaredCity(slug="saint-petersburg", names=["Санкт-Петербург", "Saint Petersburg"]),
    DeclaredCity(slug="new-york", names=["Нью-Йорк", "New York"]),
    DeclaredCity(slug="madrid", names=["Мадрид", "Madrid"]),
    DeclaredCity(slug="barcelona", names=["Барселона", "Barcelona"]),
)
_USUAL = {
    # What everybody calls a city, by its Russian or English name.
    "москва": ("мск",),
    "санкт петербург": ("спб", "с петербург", "с пб", "петербург", "питер"),
    "saint petersburg": ("st petersburg", "sankt petersburg", "spb"),
    "екатеринбург": ("екб",),
    "нижний новгород": ("н новгород", "нн"),
    "ростов на дону": ("ростов н д",),
    "new york": ("nyc", "new york city"),
}
_AROUND = re.compile(
    r"^(?:город|гор|г|city of|ciudad de|ville de|stadt)\s+|\s+(?:город|гор|г|city)$",
)
_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(?:[.,][0-9]{1,15})?")


def city_of(text: str, cities: Sequence[DeclaredCity] | None = None) -> str | None:
    """Return the slug of the declared city that a text names; None for any other, however near, and for several."""
    known = _BUILT_IN if cities is None else cities
    word = _plain(text)
    bare = _AROUND.sub("", word)
    found = {city.slug for city in known if not {word, bare}.isdisjoint(_names(city))}
    return found.pop() if len(found) == 1 else None


def _names(city: DeclaredCity) -> set[str]:
    names = {_plain(name) for name in (city.slug, *city.names)} - {""}
    return names | {other for name in names for other in _USUAL.get(name, ())}


def _plain(text: str) -> str:
    """Return a name in small letters without marks: "Г.Санкт-Петербург" is "г санкт петербург"."""
    letters = unicodedata.normalize("NFKC", text[:300]).casefold().replace("ё", "е")
    return " ".join(re.sub(r"[\W_]+", " ", letters).split())


def position_of(
    latitude: str, longitude: str, city: str | None = None, cities: Sequence[DeclaredCity] | None = None
) -> Location | None:
    """Return the position that two texts in degrees say.

    None when they say none, or one where nothing of the city can be.
    """
    found = _degrees(latitude, 90), _degrees(longitude, 180)
    if found[0] is None or found[1] is None or found == (0, 0):  # where those stand who have no position
        return None
    position = Location(latitude=found[0], longitude=found[1])
    centre = next((city_known.center for city_known in cities or () if city_known.slug == city), None)
    if centre is not None and _kilometres(position, centre) > FARTHEST_KM:
        return None
    return position


def _degrees(text: str, most: int) -> float | None:
    """Parse signed decimal degrees; a comma cannot be anything but the decimal mark."""
    text = text.strip()
    if not _DEGREES.fullmatch(text):
        return None
    value = float(text.replace(",", "."))
    return value if -most <= value <= most else None


def _kilometres(here: Location, there: Location) -> float:
    """Return the way along the earth's surface (haversine)."""
    south, north = math.radians(here.latitude), math.radians(there.latitude)
    apart = math.radians(there.longitude - here.longitude)
    chord = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin(apart / 2) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(chord)))
