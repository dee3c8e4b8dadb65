"""PlatformConfigs against a real API server and all services: told, checked, and run with by every process."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest
from support.clients.spaces import conditions, is_ready, space
from support.servers.geo import MOSCOW, NEW_YORK
from support.servers.platform import Platform, PlatformFactory
from support.waiting import eventually

SERVICES = ("auth", "catalog", "booking", "geo", "notifications")
# Every process that runs with a section: its name in the table of ports.
PROCESSES = (
    *(f"{service}-internal" for service in SERVICES),
    *("catalog-worker", "geo-worker", "notifications-worker"),
)
Manifest = dict[str, Any]
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def stage(new_platform: PlatformFactory) -> Platform:
    env = {"MESTO_OPERATOR_REFUSED_SECONDS": "2", "MESTO_AUDIT_TIME": ""}
    return new_platform(*SERVICES, "operator", env=env)


@pytest.fixture
def configured(stage: Platform) -> Iterator[Platform]:
    """The platform with a PlatformConfig that is Ready."""
    apply(stage, auth={"accessTokenMinutes": 5}, geo={"cities": [MOSCOW, NEW_YORK]})
    wait(stage, "True", "Ready")
    yield stage
    stage.delete_all("mpc", "mesto")


def apply(stage: Platform, *, name: str = "default", annotations: Manifest | None = None, **spec: Any) -> None:
    """Replace the spec: what is left out is gone."""
    metadata = {"name": name, "namespace": "mesto", "annotations": annotations or {}}
    manifest = {"apiVersion": "mesto.dev/v1alpha1", "kind": "PlatformConfig", "metadata": metadata, "spec": spec}
    stage.apply("mesto", manifest)


def get(stage: Platform, name: str = "default") -> Manifest:
    return stage.resource("mpc", name, "mesto")


def wait(stage: Platform, status: str, reason: str, *, name: str = "default", say: str = "") -> Manifest:
    """The resource once Ready says this about its own generation."""

    def condition_reached() -> Manifest:
        resource = get(stage, name)
        condition = conditions(resource).get("Ready", {})
        found = (condition.get("status"), condition.get("reason"), condition.get("observedGeneration"))
        assert found == (status, reason, resource["metadata"]["generation"]), condition
        assert say in condition["message"], condition
        return resource

    found = eventually(condition_reached, f"Ready is {status} {reason} {say}")
    assert found is not None
    return found


def doubt(stage: Platform) -> str:
    """What the platform is not sure of, empty for nothing."""
    found = conditions(get(stage)).get("Plausible", {"status": "True", "message": ""})
    return str(found["message"]) if found["status"] == "False" else ""


def running(stage: Platform, process: str) -> int:
    """The generation that a process says it runs with."""
    text = httpx.get(f"http://127.0.0.1:{stage.ports[process]}/metrics", timeout=30, trust_env=False).text
    (value,) = re.findall(r"^mesto_configuration_generation (\S+)$", text, re.MULTILINE)
    return int(float(value))


def minutes_of_a_token(stage: Platform) -> float:
    """How long the access token of a new session lasts."""
    with httpx.Client(base_url=stage.url("auth"), timeout=60, trust_env=False) as http:
        body = {"email": "renter@example.org", "password": PASSWORD}
        login = http.post("/api/auth/login", json=body)
        if login.status_code == 401:
            http.post("/api/auth/register", json={**body, "name": "Renter", "role": "renter"}).raise_for_status()
            login = http.post("/api/auth/login", json=body)
        token = login.json()["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    return (float(claims["exp"]) - float(claims["iat"])) / 60


def cities(stage: Platform) -> list[str]:
    answer = httpx.get(f"{stage.url('geo')}/api/geo/cities", timeout=30, trust_env=False)
    return sorted(city["slug"] for city in answer.json()["items"])


def events(stage: Platform) -> list[str]:
    found = stage.resources("events", "mesto")
    return [f"{event['reason']}: {event['note' if 'note' in event else 'message']}" for event in found]


def test_every_process_runs_with_what_is_applied_without_a_restart(configured: Platform, record_property: Any) -> None:
    generation = get(configured)["metadata"]["generation"]
    for process in PROCESSES:
        eventually(lambda name=process: running(configured, name) == generation, f"{process} runs with it")
    assert minutes_of_a_token(configured) == 5
    apply(configured, auth={"accessTokenMinutes": 7}, geo={"cities": [MOSCOW], "transitRadiusMetres": 900})
    resource = wait(configured, "True", "Ready")
    begun = time.monotonic()
    generation = resource["metadata"]["generation"]
    for process in PROCESSES:
        eventually(lambda name=process: running(configured, name) == generation, f"{process} runs with it")
    record_property("seconds from Ready to the last process", f"{time.monotonic() - begun:.1f}")
    assert {
        service["name"]: service["appliedGeneration"] for service in resource["status"]["services"]
    } == dict.fromkeys(SERVICES, generation)
    assert minutes_of_a_token(configured) == 7
    assert cities(configured) == ["moscow"]
    columns = configured.kubectl("get", "mpc", "default", "-n", "mesto").splitlines()
    assert columns[1].split()[:3] == ["default", "True", "Ready"]


def test_what_is_left_out_is_built_in_again(configured: Platform) -> None:
    apply(configured, geo={"cities": [MOSCOW, NEW_YORK]})
    wait(configured, "True", "Ready")
    assert minutes_of_a_token(configured) == 10


def test_the_platforms_hold_reaches_the_spaces_that_leave_it_out(configured: Platform) -> None:
    ns = configured.namespace(f"mpc-{uuid.uuid4().hex[:8]}")
    spaces = [space("own", booking={"approval": "Instant", "holdMinutes": 15}), space("platforms", booking={})]
    for manifest in spaces:
        manifest["spec"]["title"] = {"en": manifest["metadata"]["name"]}
    configured.apply(ns, *spaces)

    def all_ready() -> bool:
        items = configured.resources("cws", ns)
        return len(items) == 2 and all(map(is_ready, items))

    eventually(all_ready, "the spaces are ready")
    holds = (
        "SELECT c.name, b.hold_minutes FROM booking.spaces b JOIN catalog.spaces c USING (id)"
        " WHERE c.namespace = %s ORDER BY 1"
    )
    assert configured.sql(holds, ns) == [("own", 15), ("platforms", 15)]
    apply(configured, geo={"cities": [MOSCOW, NEW_YORK]}, booking={"holdMinutes": 25})
    wait(configured, "True", "Ready")
    eventually(
        lambda: configured.sql(holds, ns) == [("own", 15), ("platforms", 25)], "booking knows the platform's hold"
    )
    configured.delete_all("cws", ns)


def test_a_city_that_goes_although_spaces_name_it_is_doubted(configured: Platform) -> None:
    ns = configured.namespace(f"mpc-{uuid.uuid4().hex[:8]}")
    configured.apply(ns, space("loft", slug=f"loft-{ns}"))

    def loft() -> Manifest:
        return configured.resource("cws", "loft", ns)

    eventually(lambda: is_ready(loft()), "the space is ready")
    apply(configured, geo={"cities": [NEW_YORK]})
    wait(configured, "True", "Ready")
    eventually(lambda: f"1 space names moscow, which is not declared ({ns}/loft)" in doubt(configured), "it is said")
    eventually(lambda: any(event.startswith("CitiesInUse: ") for event in events(configured)), "an Event says it")
    eventually(lambda: conditions(loft())["Located"]["reason"] == "UnknownCity", "the space has no city")
    configured.delete_all("cws", ns)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"geo": {"cities": [NEW_YORK], "map": {"provider": "Mapbox"}}}, "geo.map.provider: "),
        ({"booking": {"payments": {"providers": ["Stripe"]}}}, "booking.payments.providers[0]: "),
    ],
)
def test_what_is_invalid_is_named_and_leaves_the_old_one_running(
    configured: Platform, spec: Manifest, said: str
) -> None:
    before = get(configured)["metadata"]["generation"]
    apply(configured, **{"auth": {"accessTokenMinutes": 5}, "geo": {"cities": [MOSCOW, NEW_YORK]}, **spec})
    resource = wait(configured, "False", "Invalid", say=said)
    (refusing,) = [service for service in resource["status"]["services"] if service.get("message")]
    assert said in refusing["message"]
    assert refusing["appliedGeneration"] == before
    assert running(configured, f"{refusing['name']}-internal") == before
    assert (minutes_of_a_token(configured), cities(configured)) == (5, ["moscow", "new-york"])
    apply(configured, auth={"accessTokenMinutes": 5}, geo={"cities": [MOSCOW, NEW_YORK]})
    wait(configured, "True", "Ready")


def test_another_name_does_not_count(configured: Platform) -> None:
    apply(configured, name="second", auth={"accessTokenMinutes": 1})
    wait(configured, "False", "NotEffective", name="second", say="default")
    assert minutes_of_a_token(configured) == 5


def test_a_service_that_is_away_is_named_and_told_when_it_is_back(configured: Platform) -> None:
    configured.stop("geo")
    try:
        apply(configured, auth={"accessTokenMinutes": 9}, geo={"cities": [NEW_YORK]})
        resource = wait(configured, "False", "ServiceUnavailable", say="geo: ")
        applied = {service["name"]: service["appliedGeneration"] for service in resource["status"]["services"]}
        assert applied["auth"] == resource["metadata"]["generation"] > applied["geo"]
        assert minutes_of_a_token(configured) == 9
    finally:
        configured.start("geo")
    wait(configured, "True", "Ready")
    assert cities(configured) == ["new-york"]


def test_a_process_that_starts_runs_with_what_is_stored(configured: Platform) -> None:
    configured.kill("auth")
    configured.start("auth")
    assert running(configured, "auth-internal") == get(configured)["metadata"]["generation"]
    assert minutes_of_a_token(configured) == 5


def test_a_row_that_somebody_edits_is_put_right_and_told(configured: Platform) -> None:
    configured.sql("UPDATE auth.configuration SET policy = '{\"access_token_minutes\": 55}', committed_at = now()")
    eventually(lambda: minutes_of_a_token(configured) == 55, "auth runs with it")
    configured.annotate("mpc", "default", "mesto", f"mesto.dev/resync={uuid.uuid4().hex}")
    eventually(lambda: minutes_of_a_token(configured) == 5, "it is put right")
    eventually(lambda: any("DriftCorrected: What auth had" in event for event in events(configured)), "an Event")


def test_a_paused_one_is_left_alone(configured: Platform) -> None:
    apply(configured, annotations={"mesto.dev/paused": "true"}, auth={"accessTokenMinutes": 3})
    wait(configured, "False", "Paused")
    assert minutes_of_a_token(configured) == 5
    apply(configured, geo={"cities": [MOSCOW, NEW_YORK]}, auth={"accessTokenMinutes": 3})
    wait(configured, "True", "Ready")
    assert minutes_of_a_token(configured) == 3


def test_deleting_it_leaves_the_platform_as_it_is_and_a_new_one_counts_from_its_first_generation(
    configured: Platform,
) -> None:
    apply(configured, auth={"accessTokenMinutes": 6}, geo={"cities": [MOSCOW]})
    wait(configured, "True", "Ready")
    configured.delete("mpc", "default", "mesto")
    assert (minutes_of_a_token(configured), cities(configured)) == (6, ["moscow"])
    apply(configured, auth={"accessTokenMinutes": 4}, geo={"cities": [MOSCOW]})
    assert wait(configured, "True", "Ready")["metadata"]["generation"] == 1
    assert minutes_of_a_token(configured) == 4


def test_only_the_operator_may_tell_and_never_an_older_generation(configured: Platform) -> None:
    uid = get(configured)["metadata"]["uid"]
    body = {"uid": uid, "generation": get(configured)["metadata"]["generation"], "policy": {"access_token_minutes": 5}}
    with configured.internal_client("auth", "cli") as cli, configured.internal_client("auth", "operator") as operator:
        assert cli.put("/internal/configuration", json=body).status_code == 403
        assert cli.get("/internal/configuration").status_code == 403
        assert operator.put("/internal/configuration", json=body).status_code == 200
        newer = {**body, "generation": body["generation"] + 5}
        assert operator.put("/internal/configuration", json=newer).status_code == 200
        stale = operator.put("/internal/configuration", json=body)
        assert (stale.status_code, stale.json()["type"].rpartition("/")[2]) == (409, "stale-generation")
        wrong = operator.put("/internal/configuration", json={**body, "policy": {"access_token_minutes": 10**9}})
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "policy.access_token_minutes")
