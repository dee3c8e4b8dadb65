"""What geo tells of cities."""

from __future__ import annotations

from support.servers.catalog import Stage, city_changed


async def test_cities_give_names_and_currency_and_keep_the_newest(catalog_stage: Stage) -> None:
    await catalog_stage.create()
    for revision, currency in ((5, "USD"), (4, "EUR"), (5, "EUR")):
        await catalog_stage.catalog.cities.note_city(city_changed(revision, currency))
    found = await catalog_stage.get(city="moscow", language="ru")
    assert found["currency"] == "USD"
    assert found["items"][0]["city"] == {"slug": "moscow", "name": "Москва"}
    assert found["facets"]["city"] == [{"value": "moscow", "label": "Москва", "count": 1}]
    assert (await catalog_stage.get())["currency"] == "RUB"
