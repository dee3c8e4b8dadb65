"""What a spider is asked to read, under which id, and which targets read the same site: pure.

The id of a run names its target and the time or the wish that it is for, so it is the same whenever and by whichever
process it is made: what scrapyd and catalog know by that id was begun already. It can be read, too: a target's jobs are
found among all others by how their ids begin, even when no status tells of them.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from mesto.common.http.addresses import BadAddress, parse_address
from mesto.contracts.policy import City, sections
from mesto.contracts.scraping import Crawl, DeclaredCity
from mesto.operator.kinds.scrapetarget.spec import ScrapeTargetSpec
from mesto.operator.objects import Resource
from mesto.operator.schema import Part
from pydantic import ValidationError

_MODES = {"StructuredData": "structured_data", "Selectors": "selectors", "JsonApi": "json_api"}
LONGEST = 100_000
"""Bytes of an order: Linux hands a process no argument above 128 KiB."""
_OWNER = re.compile(r"^([0-9a-f]{32})-")


def scheduled_run_id(uid: UUID, due: datetime) -> str:
    """Return the run of a time of the schedule."""
    return f"{uid.hex}-{due.astimezone(UTC):%Y%m%dt%H%M%Sz}"


def requested_run_id(uid: UUID, value: str) -> str:
    """Return the run that a value of the annotation ``mesto.dev/run`` asks for."""
    return f"{uid.hex}-run-{hashlib.sha256(value.encode()).hexdigest()[:16]}"


def owner(run: str) -> UUID | None:
    """Return the target that a run is of; None for an id that is not ours."""
    found = _OWNER.match(run)
    return UUID(found[1]) if found else None


def hosts(start_urls: Iterable[str]) -> frozenset[str]:
    """Return the sites that a target begins at; ``www.`` makes no other site."""
    found = set()
    for url in start_urls:
        with contextlib.suppress(BadAddress):
            found.add(parse_address(url).host.removeprefix("www."))
    return frozenset(found)


def share_a_site(some: Iterable[str], others: Iterable[str]) -> bool:
    """Return whether a host is among both, or below one of the others: its owner sees one visitor."""
    others = list(others)
    return any(a == b or a.endswith(f".{b}") or b.endswith(f".{a}") for a in some for b in others)


def sites(resource: Resource) -> frozenset[str]:
    """Return the sites that a target begins at, by what its spec says there, however wrong the rest of it is.

    Never raises.
    """
    spec = resource.get("spec")
    urls = spec.get("startUrls") if isinstance(spec, dict) else None
    return hosts(url for url in urls if isinstance(url, str)) if isinstance(urls, list) else frozenset()


def conflicting_target(
    uid: UUID, own: frozenset[str], running: Iterable[str], others: Mapping[UUID, Resource]
) -> UUID | None:
    """Return another target that reads one of the same sites now.

    ``running`` are the ids of all runs under way, ``others`` the resources of targets, which nobody may have checked.
    """
    owners = sorted({other for run in running if (other := owner(run)) is not None and other != uid})
    return next((other for other in owners if other in others and share_a_site(own, sites(others[other]))), None)


def cities(config: Resource | None, namespace: str) -> list[DeclaredCity]:
    """Return the cities of a PlatformConfig that a namespace may use, as spiders know them.

    Those that no service would take are left out.
    """
    found = []
    for given in _declared_cities(config) if config else []:
        try:
            city = City.model_validate(given)
        except ValidationError:
            continue
        if not city.is_open_to(namespace):
            continue
        names = [name for name in (city.name.ru, city.name.en, *city.aliases) if name and len(name) <= 100]
        found.append(DeclaredCity(slug=city.slug, names=names, center=city.center))
    return found[:200]


def allowed_cities(config: Resource) -> dict[str, list[str]]:
    """Return the cities that a PlatformConfig declares.

    Their slugs and the namespaces that may use them, none for all.
    """
    found: dict[str, list[str]] = {}
    for city in _declared_cities(config):
        namespaces = city.get("namespaces")
        found[str(city.get("slug"))] = [str(name) for name in namespaces] if isinstance(namespaces, list) else []
    return found


def _declared_cities(config: Resource) -> list[dict[str, object]]:
    """Return what stands under ``geo.cities``, which nobody may have checked."""
    listed = sections(config["spec"])["geo"].get("cities")
    return [city for city in listed if isinstance(city, dict)] if isinstance(listed, list) else []


def crawl_order(
    spec: ScrapeTargetSpec,
    run: str,
    target: tuple[UUID, str, str],
    *,
    private: bool,
    cities: Sequence[DeclaredCity] = (),
) -> Crawl:
    """Return the spider's order; ``target`` is uid, namespace and name.

    Raises ValidationError for what no spider takes, BadAddress for a start address that nothing is read from.
    ``cities`` whose names are too many for one argument of a process are left out: offers then have the default one.
    """
    uid, namespace, name = target
    order = Crawl.model_validate(
        {
            "run": run,
            "target": uid,
            "namespace": namespace,
            "name": name,
            "start_urls": [_start(number, url) for number, url in enumerate(spec.start_urls)],
            "politeness": _dump(spec.politeness),
            "defaults": _dump(spec.defaults),
            "extract": _dump(spec.extract) | {"mode": _MODES[spec.extract.mode]},
            "expect": _dump(spec.expect),
            "private": private,
            "cities": list(cities),
        }
    )
    fits = len(order.model_dump_json(exclude_none=True).encode()) <= LONGEST
    return order if fits else order.model_copy(update={"cities": []})


def _start(number: int, url: str) -> str:
    try:
        return parse_address(url).url
    except BadAddress as error:
        raise BadAddress(f"spec.startUrls[{number}]: {error}") from error


def _dump(part: Part | None) -> dict[str, object]:
    """Return what a part of the spec says; the contract knows what is meant by the rest."""
    return part.model_dump(exclude_none=True) if part is not None else {}
