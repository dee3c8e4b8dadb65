"""The list against a brute-force oracle over random catalogues, and what it refuses."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from mesto.catalog.search.rules import bucket, bucket_value
from mesto.contracts.events import CityChanged, SpaceLocated
from mesto.contracts.places import Location
from mesto.contracts.spaces import Named
from mesto.contracts.text import Text
from support.servers.catalog import DESK, Stage, spec_of

KINDS = ["hot_desk", "dedicated_desk", "meeting_room", "office", "event_space"]
AMENITIES = ["wifi", "coffee", "printer", "shower", "sauna"]
CITIES = {"moscow": "RUB", "new-york": "USD", "berlin": None}
DISTRICTS = {"moscow": ["arbat", "tverskoy"], "new-york": ["soho", "chelsea"], "berlin": []}
AMOUNTS = [Decimal(amount) for amount in ("0.50", "10", "99.99", "100", "250", "250", "900")]


@dataclass
class Sample:
    """A stored space as the oracle knows it."""

    id: UUID
    created: Any
    spec: dict[str, Any]
    district: str | None

    def title(self, language: str) -> str:
        text = self.spec["title"]
        return str(text.get(language) or text.get("ru") or text.get("en"))

    @property
    def kinds(self) -> set[str]:
        return {resource["kind"] for resource in self.spec["resources"]}

    def price(self, kinds: set[str], per: str, currency: str) -> Decimal | None:
        return min(
            (
                Decimal(price["amount"])
                for resource in self.spec["resources"]
                if not kinds or resource["kind"] in kinds
                for price in resource["prices"]
                if (price["per"], price["currency"]) == (per, currency)
            ),
            default=None,
        )

    def metres(self, near: tuple[float, float]) -> int:
        lat1, lon1 = (math.radians(degrees) for degrees in near)
        place = self.spec["location"]
        lat2, lon2 = math.radians(place["latitude"]), math.radians(place["longitude"])
        inner = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
        return round(2 * 6_371_000 * math.asin(math.sqrt(min(1.0, inner))))


def random_spec(dice: random.Random) -> dict[str, Any]:
    title = {"".join(dice.choices("abя", k=2)): "x" for _ in range(2)}
    names = list(title)
    city = dice.choice(list(CITIES))
    pairs = [(per, currency) for per in ("hour", "day") for currency in ("RUB", "USD")]
    resources = [
        DESK
        | {"name": f"r{number}", "kind": dice.choice(KINDS)}
        | {
            "prices": [
                {"per": per, "currency": currency, "amount": str(dice.choice(AMOUNTS))}
                for per, currency in dice.sample(pairs, dice.randrange(4))
            ]
        }
        for number in range(dice.randrange(4))
    ]
    return spec_of(
        title=dice.choice([{"ru": names[0], "en": names[-1]}, {"ru": names[0]}, {"en": names[-1]}]),
        city=city,
        location={"latitude": dice.uniform(55.5, 56), "longitude": dice.uniform(37.3, 37.9)},
        amenities=dice.sample(AMENITIES, dice.randrange(len(AMENITIES))),
        resources=resources,
        published=dice.random() < 0.85,
    )


async def fill(stage: Stage, dice: random.Random, size: int) -> list[Sample]:
    for slug, currency in CITIES.items():
        if currency:
            name, center = Text(en=slug.title(), ru=f"г. {slug}"), Location(latitude=1, longitude=1)
            city = CityChanged(slug=slug, revision=1, name=name, time_zone="UTC", currency=currency, center=center)
            await stage.catalog.cities.note_city(city)
    samples = []
    for number in range(size):
        spec = random_spec(dice)
        _, state = await stage.create(f"space-{number}", **spec)
        district = dice.choice([None, *DISTRICTS[spec["city"]]])
        if district:
            named = Named(slug=district, name=Text(en=district.title()))
            place = UUID(state["space_id"])
            event = SpaceLocated(space_id=place, revision=1, space_revision=1, city=None, district=named, transit=[])
            await stage.catalog.answers.note_located(event)
        samples.append(Sample(UUID(state["space_id"]), None, spec, district))
    created = dict(tuple(row) for row in await stage.sql("SELECT id, created_at FROM spaces"))
    for sample in samples:
        sample.created = created[sample.id]
    return samples


def random_wish(dice: random.Random) -> dict[str, Any]:
    some: dict[str, Any] = {
        "city": dice.choice(list(CITIES)),
        "district": ",".join(dice.sample(["arbat", "tverskoy", "soho", "nowhere"], dice.randint(1, 2))),
        "amenities": ",".join(dice.sample(AMENITIES, dice.randint(1, 2))),
        "kind": ",".join(dice.sample(KINDS, dice.randint(1, 2))),
        "price_min": str(dice.choice(AMOUNTS)),
        "price_max": str(dice.choice(AMOUNTS)),
        "per": dice.choice(["hour", "day"]),
        "currency": dice.choice(["RUB", "USD", "EUR"]),
        "near": f"{dice.uniform(55.5, 56)},{dice.uniform(37.3, 37.9)}",
        "sort": dice.choice(["price", "-price", "title", "-title", "newest"]),
    }
    wish = {name: value for name, value in some.items() if dice.random() < (0.6 if name == "sort" else 0.25)}
    if "near" in wish:
        if dice.random() < 0.6:
            wish["radius_m"] = dice.choice([5000, 15000])
        if dice.random() < 0.5:
            wish["sort"] = "distance"
    if "price_min" in wish and "price_max" in wish and Decimal(wish["price_min"]) > Decimal(wish["price_max"]):
        wish["price_min"], wish["price_max"] = wish["price_max"], wish["price_min"]
    return wish


class Oracle:
    """Answers a wish by looking at every space."""

    def __init__(self, samples: list[Sample], wish: dict[str, Any], language: str) -> None:
        self.samples, self.wish, self.language = samples, wish, language
        self.per = wish.get("per", "hour")
        self.currency = wish.get("currency") or CITIES.get(wish.get("city", "")) or "RUB"
        self.kinds = set(filter(None, wish.get("kind", "").split(",")))
        self.near = tuple(map(float, wish["near"].split(","))) if "near" in wish else None
        self.sort = wish.get("sort") or ("distance" if self.near else "newest")

    def price_fits(self, sample: Sample, kinds: set[str]) -> bool:
        if not ({"price_min", "price_max"} & set(self.wish)) and "price" not in self.sort:
            return True
        price = sample.price(kinds, self.per, self.currency)
        low, high = Decimal(self.wish.get("price_min", 0)), Decimal(self.wish.get("price_max", "1e12"))
        return price is not None and low <= price <= high

    def matches(self, sample: Sample, *without: str) -> bool:
        wish, spec = {k: v for k, v in self.wish.items() if k not in without}, sample.spec
        amenities = set(filter(None, wish.get("amenities", "").split(",")))
        return (
            spec["published"]
            and wish.get("city", spec["city"]) == spec["city"]
            and ("district" not in wish or sample.district in wish["district"].split(","))
            and amenities <= set(spec["amenities"])
            and ("kind" not in wish or bool(self.kinds & sample.kinds))
            and ("price" in without or self.price_fits(sample, self.kinds))
            and ("radius_m" not in wish or sample.metres(self.near) <= wish["radius_m"])  # type: ignore[arg-type]
        )

    def ids(self) -> list[str]:
        def key(sample: Sample) -> Any:
            if "price" in self.sort:
                return sample.price(self.kinds, self.per, self.currency), sample.id
            if "title" in self.sort:
                return sample.title(self.language), sample.id
            if self.sort == "distance":
                return sample.metres(self.near), sample.id  # type: ignore[arg-type]
            return sample.created, sample.id

        found = [sample for sample in self.samples if self.matches(sample)]
        found.sort(key=key, reverse=self.sort in ("-price", "-title", "newest"))
        return [str(sample.id) for sample in found]

    def facets(self) -> dict[str, dict[str, int]]:
        counts: dict[str, Counter[str]] = {
            name: Counter() for name in ("city", "district", "amenities", "kind", "price", "rating")
        }
        for sample in self.samples:
            if self.matches(sample, "city"):
                counts["city"][sample.spec["city"]] += 1
            if self.matches(sample, "district") and sample.district:
                counts["district"][sample.district] += 1
            if self.matches(sample, "amenities"):
                counts["amenities"].update(sample.spec["amenities"])
            if self.matches(sample, "kind", "price"):
                counts["kind"].update(kind for kind in sample.kinds if self.price_fits(sample, {kind}))
            price = sample.price(self.kinds, self.per, self.currency)
            if self.matches(sample, "price") and price is not None:
                counts["price"][bucket_value(bucket(price), "RUB")] += 1
        return {name: dict(count) for name, count in counts.items()}


@pytest.mark.parametrize("seed", range(3))
async def test_every_filter_sort_facet_and_page_agrees_with_the_oracle(catalog_stage: Stage, seed: int) -> None:
    dice = random.Random(seed)
    samples = await fill(catalog_stage, dice, 45)
    for _ in range(70):
        wish, language = random_wish(dice), dice.choice(["ru", "en"])
        oracle = Oracle(samples, wish, language)
        limit, ids, cursor = dice.choice([1, 3, 7, 100]), [], {}
        while True:
            page = await catalog_stage.get(language=language, **wish, **cursor, limit=limit)
            ids += [item["id"] for item in page["items"]]
            facets = {
                name: {entry["value"]: entry["count"] for entry in entries} for name, entries in page["facets"].items()
            }
            assert facets == oracle.facets(), wish
            if page["next_cursor"] is None or len(ids) > 60:
                break
            assert len(page["items"]) == limit
            cursor = {"cursor": page["next_cursor"]}
            limit = max(limit, 3)
        assert ids == oracle.ids(), wish
        assert page["total"] == len(ids)
        assert (page["per"], page["currency"]) == (oracle.per, oracle.currency)


async def test_a_price_buckets_value_finds_what_it_counts(catalog_stage: Stage) -> None:
    await fill(catalog_stage, random.Random(9), 30)
    for entry in (await catalog_stage.get())["facets"]["price"]:
        low, high = entry["value"].split("-")
        assert (await catalog_stage.get(price_min=low, price_max=high))["total"] == entry["count"]


async def test_new_spaces_between_two_pages_shift_nothing(catalog_stage: Stage) -> None:
    for number in range(6):
        await catalog_stage.create(f"s{number}")
    first = await catalog_stage.get(limit=3)
    await catalog_stage.create("late")
    second = await catalog_stage.get(limit=3, cursor=first["next_cursor"])
    assert [item["slug"] for item in first["items"] + second["items"]] == [f"s{number}" for number in range(5, -1, -1)]


async def test_price_from_is_of_what_was_chosen_else_the_nearest_thing(catalog_stage: Stage) -> None:
    def prices(*entries: tuple[str, str, str]) -> list[dict[str, str]]:
        return [{"per": per, "amount": amount, "currency": currency} for per, amount, currency in entries]

    desk = DESK | {"prices": prices(("day", "1500", "RUB"), ("hour", "9", "USD"))}
    room = DESK | {"name": "room", "kind": "meeting_room", "prices": prices(("day", "900", "RUB"))}
    await catalog_stage.create("loft", resources=[desk, room])

    async def shown(**params: Any) -> Any:
        (item,) = (await catalog_stage.get(**params))["items"]
        return item["price_from"] and (item["price_from"]["amount"], item["price_from"]["per"])

    assert await shown() == ("900.00", "day")
    assert await shown(kind="hot_desk") == ("1500.00", "day")
    assert await shown(per="hour") is None
    assert await shown(currency="USD") == ("9.00", "hour")
    assert await shown(sort="price", per="day") == ("900.00", "day")
    assert (await catalog_stage.get(sort="price"))["items"] == []
    profile = await catalog_stage.get("/loft")
    assert profile["price_from"] == {"amount": "900.00", "currency": "RUB", "per": "day"}


@pytest.mark.parametrize(
    ("field", "params"),
    [
        ("available_from", {"available_from": "2026-11-23T10:00:00Z"}),
        ("seats", {"seats": "2"}),
        ("q", {"q": "loft"}),
        ("rating_min", {"rating_min": "4"}),
        ("citty", {"citty": "moscow"}),
        ("city", {"city": "Moscow"}),
        ("kind", {"kind": "sofa"}),
        ("amenities", {"amenities": "wifi,,coffee"}),
        ("price_min", {"price_min": "-1"}),
        ("price_min", {"price_min": "abc"}),
        ("price_min", {"price_min": "NaN"}),
        ("price_max", {"price_max": "1e30"}),
        ("price_max", {"price_min": "2", "price_max": "1"}),
        ("per", {"per": "week"}),
        ("currency", {"currency": "rub"}),
        ("sort", {"sort": "rating"}),
        ("sort", {"sort": "distance"}),
        ("radius_m", {"radius_m": "500"}),
        ("radius_m", {"near": "1,1", "radius_m": "0"}),
        ("near", {"near": "55.7"}),
        ("near", {"near": "91,0"}),
        ("near", {"near": "nan,0"}),
        ("limit", {"limit": "0"}),
        ("limit", {"limit": "101"}),
        ("cursor", {"cursor": "rubbish"}),
        ("cursor", {"cursor": "WyJuZXdlc3QiLDEsMl0"}),  # ["newest",1,2]
        ("cursor", {"sort": "title", "cursor": "WyJuZXdlc3QiLDEsMl0"}),
    ],
)
async def test_bad_parameters_are_named(catalog_stage: Stage, field: str, params: dict[str, str]) -> None:
    problem = await catalog_stage.get(status=422, **params)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert problem["detail"]


async def test_a_cursor_is_bound_to_its_sort(catalog_stage: Stage) -> None:
    for number in range(3):
        await catalog_stage.create(f"s{number}")
    for sort in ("price", "title", "newest", "distance"):
        page = await catalog_stage.get(sort=sort, near="55,37", limit=1)
        for other in ("-price", "-title"):
            await catalog_stage.get(sort=other, near="55,37", cursor=page["next_cursor"], status=422)
        assert len((await catalog_stage.get(sort=sort, near="55,37", cursor=page["next_cursor"]))["items"]) == 2


async def test_labels_speak_the_language_that_was_asked_for(catalog_stage: Stage) -> None:
    await catalog_stage.create(title={"en": "Loft"}, amenities=["coffee", "sauna"])
    for language, coffee, desk in (("ru", "Кофе", "Свободное место"), ("en", "Coffee", "Hot desk")):
        answer = await catalog_stage.public.get("/api/catalog/spaces", headers={"Accept-Language": language})
        facets = answer.json()["facets"]
        assert [entry["label"] for entry in facets["amenities"]] == [coffee, "Sauna"]
        assert [entry["label"] for entry in facets["kind"]] == [desk]
        assert answer.json()["items"][0]["title"] == "Loft"
        assert answer.headers["content-language"] == language
        assert "Accept-Language" in answer.headers["vary"]
        assert answer.json()["items"][0]["amenities"] == ["coffee", "sauna"]
        labels = [{"slug": "coffee", "label": coffee}, {"slug": "sauna", "label": "Sauna"}]
        assert answer.json()["items"][0]["amenity_labels"] == labels


async def test_one_space_by_id_or_slug_whole(catalog_stage: Stage) -> None:
    _, state = await catalog_stage.create(
        description={"ru": "Тихо"},
        photos=[{"url": "https://images.example.org/a.jpg", "caption": {"ru": "Зал"}}],
        exceptions=[{"date": "2027-01-01", "closed": True}],
    )
    by_slug = await catalog_stage.get("/loft", language="ru")
    assert by_slug == await catalog_stage.get(f"/{state['space_id']}", language="ru")
    assert by_slug["description"] == "Тихо"
    assert by_slug["photo_url"] == by_slug["photos"][0]["url"]
    assert by_slug["photos"][0]["caption"] == "Зал"
    assert by_slug["rating"] == {"average": None, "count": 0}
    assert by_slug["resources"][0]["title"] == "Свободное место"
    assert by_slug["resources"][0]["prices"] == [{"per": "hour", "amount": "250.00", "currency": "RUB"}]
    assert by_slug["booking"] == {
        "approval": "instant",
        "hold_minutes": 15,
        "cancellation": [
            {"before_minutes": 1440, "refund_percent": 100},
            {"before_minutes": 120, "refund_percent": 50},
        ],
    }
    assert by_slug["exceptions"][0]["closed"] is True
    assert "owner_email" not in by_slug


async def test_unpublished_and_unknown_spaces_are_not_there(catalog_stage: Stage) -> None:
    _, state = await catalog_stage.create(published=False)
    for path in ("/loft", f"/{state['space_id']}", "/nothing", "/00000000-0000-0000-0000-000000000000"):
        problem = await catalog_stage.get(path, status=404)
        assert problem["type"].endswith("/not-found")
    assert (await catalog_stage.get())["total"] == 0
