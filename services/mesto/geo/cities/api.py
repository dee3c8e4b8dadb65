"""The public API of cities. Open to everybody."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response
from mesto.common.http.api import InLanguage, Router
from mesto.geo.cities.schemas import CitiesOut, CityOut
from mesto.geo.cities.service import Cities

router = Router(tags=["geo"])


async def _cities(request: Request) -> Cities:
    cities: Cities = request.app.state.geo.cities
    return cities


Service = Annotated[Cities, Depends(_cities)]


@router.get("/cities")
async def list_cities(cities: Service, language: InLanguage, response: Response) -> CitiesOut:
    """The cities of the platform."""
    response.headers["Vary"] = "Accept-Language"
    items = [
        CityOut(
            slug=city.slug,
            name=city.name.localized(language),
            names=city.name,
            time_zone=city.time_zone,
            currency=city.currency,
            center=city.center,
            zoom=city.zoom,
        )
        for city in await cities.list_declared()
    ]
    return CitiesOut(items=items)
