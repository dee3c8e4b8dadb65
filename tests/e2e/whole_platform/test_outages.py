"""A part is killed while spaces are applied and changed; once it is back, every row and every condition is right."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from support.clients.people import day_from_now
from support.clients.spaces import conditions, dump, is_ready, space
from support.servers.platform import Platform
from support.waiting import eventually

COUNT = 6


def all_ready(platform: Platform, namespace: str, count: int) -> bool:
    found = platform.resources("cws", namespace)
    assert len(found) == count
    waiting = {
        resource["metadata"]["name"]: conditions(resource).get("Ready", {})
        for resource in found
        if not is_ready(resource)
    }
    assert not waiting, json.dumps(waiting, ensure_ascii=False)
    return True


def listed(platform: Platform, prefix: str) -> dict[str, dict[str, Any]]:
    answer = httpx.get(
        platform.gateway + "/api/catalog/spaces?limit=100", headers={"Accept-Language": "en"}, timeout=15
    )
    assert answer.status_code == 200, answer.text
    found = [item for item in answer.json()["items"] if item["slug"].startswith(prefix)]
    assert len({item["slug"] for item in found}) == len(found), "a space stands twice in the list"
    return {item["slug"]: item for item in found}


@pytest.mark.parametrize("part", ["catalog", "booking", "geo", "rabbitmq"])
def test_spaces_applied_and_changed_during_an_outage_are_right_afterwards(platform: Platform, part: str) -> None:
    namespace = platform.namespace(f"outage-{part}")
    names = [f"out-{part}-{number}" for number in range(COUNT)]
    first, second = names[: COUNT // 2], names[COUNT // 2 :]
    apply = ("apply", "-n", namespace, "-f", "-")
    platform.kubectl(*apply, stdin=dump(*(space(name) for name in first)))
    eventually(lambda: all_ready(platform, namespace, len(first)), "the first spaces are Ready")

    platform.kill(part)
    try:
        changed = [
            space(name, title={"en": f"{name} changed"}, location={"latitude": 55.7, "longitude": 37.5})
            for name in first
        ]
        platform.kubectl(*apply, stdin=dump(*changed, *(space(name) for name in second)))
        gone = first[0]
        platform.delete("cws", gone, namespace, wait=False)
    finally:
        platform.start(part)

    eventually(lambda: all_ready(platform, namespace, COUNT - 1), f"every space is Ready after {part} is back")
    found = eventually(
        lambda: (rows := listed(platform, f"out-{part}-")) and len(rows) == COUNT - 1 and rows,
        "the list without the deleted",
    )
    assert set(found) == set(names) - {gone}
    for name in first[1:]:
        assert found[name]["title"] == f"{name} changed"
        resource = httpx.get(f"{platform.gateway}/api/catalog/spaces/{name}", timeout=15).json()["resources"][0]
        window = {"from": f"{day_from_now(14)}T00:00:00+03:00", "to": f"{day_from_now(15)}T00:00:00+03:00"}
        path = f"{platform.gateway}/api/booking/resources/{resource['id']}/availability"
        slots = httpx.get(path, params=window, timeout=15).json()["slots"]
        assert [slot["seats_free"] for slot in slots] == [3] * 14
