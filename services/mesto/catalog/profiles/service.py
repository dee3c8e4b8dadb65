"""One space with everything about it, for the public."""

from __future__ import annotations

from dataclasses import dataclass

from mesto.catalog.cities.records import City
from mesto.catalog.cities.service import Cities
from mesto.catalog.profiles.schemas import BookableView, BookingView, PhotoView, ResourceView, SpaceProfile
from mesto.catalog.search.rules import kind_label
from mesto.catalog.search.service import card_fields, stop_near
from mesto.catalog.spaces.records import PriceDocument, Space, StoredResource
from mesto.catalog.spaces.service import Spaces
from mesto.common.errors import Problem, not_found
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.policy import CatalogPolicy
from mesto.contracts.text import Language, choose

_PER_ORDER = {"hour": 0, "day": 1, "month": 2}


@dataclass(frozen=True)
class Profile:
    """One space and its city (None until geo has told of it). Prices in ``currency`` come first."""

    space: Space
    city: City | None
    currency: str


class Profiles:
    """Reads of single spaces. The policy's default currency is for those of an unknown city."""

    def __init__(self, configuration: Configuration[CatalogPolicy], spaces: Spaces, cities: Cities) -> None:
        self.configuration, self.spaces, self.cities = configuration, spaces, cities

    async def find(self, id_or_slug: str) -> Profile:
        """Return a listed space.

        Raises Problem 404, or 308 with the address of the space that had this slug before.
        """
        async with self.spaces.database.read() as connection:
            space = await self.spaces.find_listed(connection, id_or_slug)
            if space is None:
                raise _elsewhere(await self.spaces.find_new_slug(connection, id_or_slug))
            city = await self.cities.find(connection, space.city)
        return Profile(space, city, city.currency if city else self.configuration.policy.default_currency)


def _elsewhere(slug: str | None) -> Problem:
    if slug is None:
        return not_found("This space")
    # Not for good: another space may take the old slug.
    headers = {"Location": f"/api/catalog/spaces/{slug}", "Cache-Control": "no-cache"}
    return Problem(308, "moved", f"The space is at {slug} now.", headers=headers)


def _cheapest(profile: Profile) -> PriceDocument | None:
    """Return the lowest price by the rule of the list: the city's currency first, then the shorter unit."""
    prices = [price for resource in profile.space.resources for price in resource["prices"]]
    if not prices:
        return None

    def rank(price: PriceDocument) -> tuple[bool, int, str, float]:
        foreign = price["currency"] != profile.currency
        return foreign, _PER_ORDER[price["per"]], price["currency"], float(price["amount"])

    return min(prices, key=rank)


def _resource(resource: StoredResource, language: Language) -> ResourceView:
    title = choose(resource["title"], language) or kind_label(resource["kind"], language)
    return ResourceView.model_validate({**resource, "title": title})


def space_profile(profile: Profile, language: Language) -> SpaceProfile:
    """Return a profile as it is answered, in a language."""
    space = profile.space
    can = space.bookable()
    city_name = profile.city.name if profile.city is not None else None
    more = {
        "distance_m": None,
        "description": choose(space.description, language),
        "time_zone": space.time_zone,
        "opening_hours": space.opening_hours,
        "exceptions": space.exceptions,
        "resources": [_resource(resource, language) for resource in space.resources],
        "transit": [stop_near(stop) for stop in (space.located or {}).get("transit") or []],
        "photos": [
            PhotoView(url=photo["url"], caption=choose(photo.get("caption"), language)) for photo in space.photos
        ],
        "contacts": space.contacts,
        "booking": BookingView.model_validate(space.policy),
        "bookable": BookableView(status=can.status, reason=can.reason),
    }
    return SpaceProfile.model_validate({**card_fields(space, city_name, _cheapest(profile), language), **more})
