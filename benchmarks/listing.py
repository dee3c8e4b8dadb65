"""The list of spaces with its facets, over HTTP, against Go's net/http with pgx.

Ours: catalog's public process. Peer: one Go process that sends the statements ours sends, captured in this run, with
the same arguments, reads the rows and writes the same answer: the bytes of every query are compared before anything is
measured. The peer knows its three queries beforehand; ours parses and checks parameters, chooses SQL, and measures.
Fair because both read the same database through pools of the same size, asked the same by the same clients. Go may use
all cores where one Python process uses one; PostgreSQL needs the rest, so this is what one machine gives.
"""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

import httpx
from measuring.capture import Capture
from measuring.load import request, storm
from measuring.report import Claim, Report, tiny
from measuring.stand import Stand, free_port
from mesto.catalog import bootstrap
from mesto.catalog.bootstrap import Catalog
from mesto.catalog.search.rules import KINDS, PRICE_EDGES, bucket_label, bucket_value
from mesto.catalog.search.service import Search, SearchParams
from mesto.catalog.settings import CatalogSettings
from mesto.common.http.language import latin
from mesto.contracts.amenities import AMENITIES
from mesto.contracts.events import CityChanged, SpaceApplied, SpaceLocated
from mesto.contracts.spaces import SpaceUpsert
from mestolocal import builds
from mestolocal.paths import REPO
from pydantic import SecretStr

PATH = "/api/catalog/spaces"
LANGUAGE = "ru"
CLIENTS = POOL = 16
PAGE = 20
SEED = UUID(int=4)
STATION, LINE = "Чистые пруды", "1"
WISHES: dict[str, dict[str, Any]] = {
    "city=moscow": {"city": "moscow"},
    "city=moscow&amenities=wifi,coffee&kind=meeting_room": {
        "city": "moscow",
        "amenities": ("wifi", "coffee"),
        "kinds": ("meeting_room",),
    },
    "city=moscow&sort=price": {"city": "moscow", "sort": "price"},
}


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    spaces: int = 1000
    requests: int = 600
    rounds: int = 4


def declared(number: int, chance: random.Random) -> SpaceUpsert:
    """A declared space; about as varied as a city's."""
    city = "moscow" if chance.random() < 0.7 else "new-york"
    resources = [
        {
            "name": kind.replace("_", "-"),
            "kind": kind,
            "title": {"ru": KINDS[kind]["ru"], "en": KINDS[kind]["en"]},
            "seats": chance.randrange(1, 40),
            "prices": [
                {"per": "hour", "amount": f"{chance.randrange(10, 150)}0.00", "currency": "RUB"},
                {"per": "day", "amount": f"{chance.randrange(10, 150)}00.00", "currency": "RUB"},
            ],
        }
        for kind in chance.sample(sorted(KINDS), chance.randrange(1, 4))
    ]
    spec = {
        "title": {"ru": f"Лофт № {number}", "en": f"Loft no. {number}"},
        "description": {"ru": "Тихая комната под крышей. " * 10, "en": "A quiet room under the roof. " * 10},
        "city": city,
        "address": f"Мясницкая улица, {number}",
        "location": {"latitude": 55.7001 + number / 9973, "longitude": 37.6001 + number / 9973},
        "time_zone": "Europe/Moscow",
        "opening_hours": [{"days": ["mon", "tue", "wed", "thu", "fri"], "open": "08:00", "close": "22:00"}],
        "amenities": chance.sample(sorted(AMENITIES), 8),
        "photos": [{"url": f"https://photos.example.org/{number}.jpg"}],
        "owner_email": "owner@example.org",
        "resources": resources,
    }
    name = f"loft-{number}"
    return SpaceUpsert.model_validate({"namespace": "bench", "name": name, "generation": 1, "slug": name, "spec": spec})


async def fill(catalog: Catalog, count: int) -> None:
    """Store so many spaces the way the operator and geo would."""
    chance = random.Random(1)
    moscow = {"slug": "moscow", "revision": 1, "name": {"ru": "Москва", "en": "Moscow"}, "time_zone": "Europe/Moscow"}
    place = {"currency": "RUB", "center": {"latitude": 55.75, "longitude": 37.61}}
    await catalog.cities.note_city(CityChanged.model_validate(moscow | place))
    for number in range(count):
        result = await catalog.declarations.upsert(uuid5(SEED, str(number)), declared(number, chance))
        district = {"slug": f"district-{number % 40}", "name": {"ru": f"Район {number % 40}", "en": None}}
        stop = {"name": STATION, "line": LINE, "color": "#ef161e", "metres": 10 + number}
        where = {"city": None, "district": district, "transit": [stop], "revision": 1, "space_revision": 1}
        located = SpaceLocated.model_validate({"space_id": result.state.space_id, **where})
        await catalog.answers.note_located(located)
        for service in ("booking", "geo"):  # a space is listed once both have applied it
            answer = {"service": service, "outcome": "applied", "reason": "Applied"}
            about = {"space_id": result.state.space_id, "revision": result.state.revision}
            await catalog.answers.note_applied(SpaceApplied.model_validate(about | answer))


def text(value: Any) -> str | None:
    """An argument in PostgreSQL's text form."""
    if isinstance(value, list | tuple):
        return "{" + ",".join(json.dumps(text(item), ensure_ascii=False) for item in value) + "}"
    return value if value is None else str(value)


async def captured(search: Search, capture: Capture) -> dict[str, Any]:
    """What each query sends: the city first (if asked for), the page, the facets."""
    found: dict[str, Any] = {}
    for address, wish in WISHES.items():
        await search.find(SearchParams(language="ru", limit=PAGE, **wish))
        capture.sent.clear()  # the first one also asked for types
        await search.find(SearchParams(language="ru", limit=PAGE, **wish))
        city, page, facets = ({"sql": sent.sql, "Args": [text(arg) for arg in sent.args]} for sent in capture.sent)
        query = {"Sort": wish.get("sort", "newest"), "Per": "hour", "Currency": "RUB", "Limit": PAGE}
        found[address] = {"City": city, "Page": page, "Facets": facets, **query}
    return found


def prepare(stand: Stand, scale: Scale) -> tuple[str, dict[str, Any]]:
    """A database full of spaces, and what the peer must know."""
    name = stand.database()
    url = stand.urls(name)["catalog"]["database"]

    async def work(filling: bool) -> dict[str, Any]:
        example = REPO / "examples" / "platformconfig.yaml"
        settings = CatalogSettings(service="catalog", database_url=SecretStr(url), platform_config=example)
        catalog = bootstrap.build(settings, "bench", 1)
        capture = Capture(catalog.database)
        try:
            await catalog.configuration.reload()
            if filling:
                await fill(catalog, scale.spaces)
                return {}
            return await captured(catalog.search, capture)
        finally:
            await catalog.database.close()

    asyncio.run(work(True))
    stand.postgres.run("VACUUM ANALYZE", name)
    buckets = range(1, len(PRICE_EDGES) + 1)
    config = {
        "Queries": asyncio.run(work(False)),
        "Amenities": {slug: words[LANGUAGE] for slug, words in AMENITIES.items()},
        "Kinds": {slug: words[LANGUAGE] for slug, words in KINDS.items()},
        "Latin": {name: latin(name) for name in (STATION, LINE)},
        "Buckets": {
            str(bucket): {"Value": bucket_value(bucket, "RUB"), "Label": bucket_label(bucket, "RUB")}
            for bucket in buckets
        },
    }
    return name, config


def same_bytes(ports: dict[str, int]) -> int:
    """Bytes of all answers together. Raises AssertionError when the sides do not answer the same."""
    total = 0
    for address in WISHES:
        url = "http://127.0.0.1:{}" + f"{PATH}?{address}"
        ours, peer = (
            httpx.get(url.format(port), headers={"Accept-Language": LANGUAGE}, trust_env=False, timeout=30)
            for port in (ports["ours"], ports["peer"])
        )
        assert ours.status_code == peer.status_code == 200, (ours.text, peer.text)
        assert "sort" not in address or ours.json()["total"], "nothing is listed: there is nothing to measure"
        assert ours.content == peer.content, f"{address}\nours: {ours.text[:3000]}\npeer: {peer.text[:3000]}"
        total += len(ours.content)
    return total


def main() -> None:
    small = tiny(str(__doc__))
    scale = Scale(spaces=30, requests=12, rounds=1) if small else Scale()
    report = Report("listing", small)
    claim = Claim("lists of spaces with facets", "1/s", aim=0.5, beside="Go net/http + pgx, same SQL and bytes")
    with Stand() as stand:
        binary = builds.go_peer("listing")
        database, config = prepare(stand, scale)
        wiring = stand.wiring(database)
        stand.start_ours(wiring, "catalog")
        file, port = stand.servers.folder / "listing.json", free_port()
        file.write_text(json.dumps(config, ensure_ascii=False))
        url = f"{stand.plain_url(database, 'catalog')}?pool_max_conns={POOL}&sslmode=disable&timezone=UTC"
        settings = {"LISTING_CONFIG": str(file), "LISTING_PORT": str(port), "LISTING_DATABASE_URL": url}
        stand.start_peer("listing", [str(binary)], port, settings)
        ports = {"ours": wiring.ports["catalog-public"], "peer": port}
        total = same_bytes(ports)
        headers = {"Accept-Language": LANGUAGE}
        mixed = [request("GET", f"{PATH}?{address}", headers) for address in WISHES] * (scale.requests // len(WISHES))
        for round_number in range(0 if small else -1, scale.rounds):
            rates = {side: asyncio.run(storm(ports[side], mixed, CLIENTS)).per_second(200) for side in ports}
            if round_number >= 0:
                claim.ours.append(rates["ours"])
                claim.peer.append(rates["peer"])
    report.notes.append(
        f"{scale.spaces:,} spaces, {len(WISHES)} queries in turns, {total // len(WISHES):,} bytes an answer,"
        f" the same from both; {CLIENTS} clients, pools of {POOL}."
    )
    report.finish([claim])


if __name__ == "__main__":
    main()
