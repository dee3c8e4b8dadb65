"""What a person sees of a running platform: every query of the dashboard and of the alerts has an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from celery import Celery
from support.clients.manifests import TARGET
from support.clients.people import Person, book, day_from_now, pay, register
from support.clients.spaces import dump, is_ready, space
from support.servers.kent import Kent
from support.servers.platform import EVERYTHING, Platform, PlatformFactory
from support.waiting import eventually

REPO = Path(__file__).resolve().parents[2]
DASHBOARD = json.loads((REPO / "dashboards" / "overview.json").read_text("utf-8"))
RULES = yaml.safe_load((REPO / "dashboards" / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
REQUEST_ID, BROKEN_ID = "seeing-0123456789abcdef", "seeing-broken-search"


def queries() -> Iterator[tuple[str, str]]:
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", []):
            yield f"{panel['title']} {target['refId']}", target["expr"]
    for rule in RULES:
        # What is there "unless" something else is, is not there on a platform that is well: its first half is.
        present = re.split(r"\bunless\b", rule["expr"].strip())[0]
        # Nor are resources that wait for the platform: those of any reason are.
        present = re.sub(r',\s*reason=~"[^"]*"', "", present)
        expression, compared = re.subn(r"\s*(==|[<>])\s*[0-9][0-9. *]*", "", present)
        assert compared >= 1, rule["alert"]
        yield rule["alert"], expression


def traffic(platform: Platform) -> Person:
    """A space, searches, a booking paid for and its mail, a refusal, a live connection's page, and a real failure."""
    namespace = platform.namespace("seeing")
    platform.kubectl("apply", "-n", namespace, "-f", "-", stdin=dump(space("seeing-loft")))
    platform.kubectl("apply", "-n", namespace, "-f", "-", stdin=dump(space("seeing-lost", city="atlantis")))
    rival = {"apiVersion": "mesto.dev/v1alpha1", "kind": "ScrapeTarget"}
    rival |= {"metadata": {"name": "seeing-rival", "annotations": {"mesto.dev/run": "1"}}}
    spec = {"startUrls": ["https://rival.invalid/"], "schedule": "0 0 29 2 *", "extract": {"mode": "StructuredData"}}
    platform.kubectl("apply", "-n", namespace, "-f", "-", stdin=dump(rival | {"spec": spec}))
    eventually(lambda: is_ready(platform.resource("cws", "seeing-loft", namespace)), "seeing-loft is Ready")
    spaces = f"{platform.gateway}/api/catalog/spaces"
    found: dict[str, Any] = httpx.get(f"{spaces}/seeing-loft", timeout=15, trust_env=False).json()
    httpx.get(spaces, params={"city": "moscow"}, timeout=15, trust_env=False).raise_for_status()
    assert httpx.get(f"{spaces}/nowhere", timeout=15, trust_env=False).status_code == 404
    # A task with an argument that makes no sense.
    celery = Celery(broker=platform.rabbitmq.url(platform.vhost), set_as_current=False)
    celery.send_task("notifications.send_email", ["anna.k@example.org"], queue="notifications")
    celery.close()
    renter = register(platform.gateway)
    day = day_from_now(7)
    renter.http.headers["X-Request-Id"] = REQUEST_ID
    held = book(renter, found["resources"][0]["id"], f"{day}T10:00:00+03:00", f"{day}T12:00:00+03:00")
    assert held.status_code == 201, held.text
    assert held.headers["X-Request-Id"] == REQUEST_ID
    assert pay(renter, held.json()["id"]).status_code == 200
    eventually(lambda: platform.mailbox.of_bookings(renter.email), f"a mail to {renter.email}")
    platform.sql("ALTER TABLE catalog.prices RENAME TO prices_away")
    try:
        asked = {"X-Request-Id": BROKEN_ID}
        assert httpx.get(spaces, headers=asked, timeout=15, trust_env=False).status_code == 500
    finally:
        platform.sql("ALTER TABLE catalog.prices_away RENAME TO prices")
    return renter


@pytest.fixture(scope="module")
def seen(new_platform: PlatformFactory, sentry_stand_in: Kent) -> Platform:
    """A whole platform that has had traffic, with Prometheus."""
    platform = new_platform(
        *EVERYTHING, "prometheus", env={"MESTO_SENTRY_DSN": sentry_stand_in.dsn, "MESTO_OPERATOR_COMPARE_SECONDS": "5"}
    )
    traffic(platform)
    return platform


def query_prometheus(platform: Platform, query: str) -> list[dict[str, Any]]:
    answer = httpx.get(f"{platform.prometheus}/api/v1/query", params={"query": query}, timeout=15, trust_env=False)
    assert answer.status_code == 200, answer.text
    result: list[dict[str, Any]] = answer.json()["data"]["result"]
    return [sample for sample in result if sample["value"][1] != "NaN"]


def test_every_query_of_the_dashboard_and_the_alerts_has_an_answer(seen: Platform) -> None:
    empty: list[str] = []

    def all_answered() -> bool:
        # A rate needs something that grows between two readings.
        httpx.get(f"{seen.gateway}/api/catalog/spaces", params={"city": "moscow"}, timeout=15, trust_env=False)
        empty[:] = [name for name, query in queries() if not query_prometheus(seen, query)]
        assert not empty, empty
        return True

    eventually(all_answered, "every query to return data")


def test_prometheus_reaches_every_process(seen: Platform) -> None:
    answer = httpx.get(f"{seen.prometheus}/api/v1/targets", timeout=15, trust_env=False).json()
    targets = answer["data"]["activeTargets"]
    assert {target["health"] for target in targets} == {"up"}, [target["lastError"] for target in targets]
    processes = {(target["labels"]["service"], target["labels"].get("process")) for target in targets}
    assert {("booking", "worker"), ("booking", "beat"), ("operator", "operator"), ("auth", "api")} <= processes
    rules = httpx.get(f"{seen.prometheus}/api/v1/rules", timeout=15, trust_env=False).json()
    assert [rule for group in rules["data"]["groups"] for rule in group["rules"] if rule["health"] == "err"] == []


def test_one_request_id_goes_from_the_browser_to_the_task_that_sends_the_mail(seen: Platform) -> None:
    def lines(process: str) -> list[dict[str, Any]]:
        text = (seen.logs / f"{process}.log").read_text("utf-8", "replace")
        found = [json.loads(line) for line in text.splitlines() if REQUEST_ID in line and line.startswith("{")]
        return [line for line in found if line.get("request_id") == REQUEST_ID]

    for process in ("booking", "notifications", "notifications-worker"):
        eventually(lambda process=process: lines(process), f"the request's id in the log of {process}")
    assert any(line["event"] == "mail_sent" for line in lines("notifications-worker"))


def test_bugs_of_real_processes_reach_sentry_once(seen: Platform, sentry_stand_in: Kent) -> None:
    """The failed search of the traffic, and its task with an argument that makes no sense."""

    def bodies(process: str) -> list[dict[str, Any]]:
        told = [event["payload"]["body"] for event in sentry_stand_in.events()]
        return [body for body in told if body["server_name"] == process]

    eventually(lambda: bodies("catalog") and bodies("notifications-tasks"), "events of both processes")
    # While the table was away the operator's calls failed, too: each has an id of its own.
    searches = [body for body in bodies("catalog") if body["tags"]["request_id"] == BROKEN_ID]
    tasks = bodies("notifications-tasks")
    assert (len(searches), [task["tags"]["task"] for task in tasks]) == (1, ["notifications.send_email"])
    assert "anna.k" not in json.dumps(tasks)


DATASET = """
apiVersion: v1
kind: ConfigMap
metadata: {name: stops}
data: {stops.csv: "name,latitude,longitude\\nOne,55.75,37.61\\n"}
---
apiVersion: mesto.dev/v1alpha1
kind: GeoDataset
metadata: {name: stops}
spec: {city: moscow, type: Stops, format: CSV, source: {configMap: {name: stops, key: stops.csv}}}
"""
KINDS = "cws,gds,sct,mpc"


def test_deleting_everything_in_the_documented_order_ends_by_itself(seen: Platform) -> None:
    """The last test: after it nothing is declared, and the kinds are gone."""
    text = (REPO / "docs" / "operations.md").read_text("utf-8")
    documented = re.search(r"\*\*Uninstalling\.\*\*.*?```sh\n(.*?)```", text, re.DOTALL)
    assert documented is not None
    commands = [line.split("#")[0].split() for line in documented[1].splitlines() if line.startswith("kubectl delete")]
    assert commands[0] == ["kubectl", "delete", KINDS, "-A", "--all"]
    seen.servers.controllers()  # of Kubernetes: what ends namespaces
    namespace = seen.namespace("leaving")
    target = TARGET | {"metadata": {"name": "rival"}}
    seen.kubectl("apply", "-n", namespace, "-f", "-", stdin=DATASET + "---\n" + dump(target, space("leaving-loft")))

    def declared() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(seen.kubectl("get", KINDS, "-A", "-o", "json"))["items"]
        return found

    def held() -> bool:
        kinds = {resource["kind"] for resource in declared() if resource["metadata"].get("finalizers")}
        return kinds == {"CoworkingSpace", "GeoDataset", "ScrapeTarget"}

    eventually(held, "our finalizers on all kinds that have one")
    # A space of the traffic has a booking that would be stranded: its author accepts that, as the page says.
    for resource in declared():
        if resource["kind"] == "CoworkingSpace":
            place = ("-n", resource["metadata"]["namespace"], resource["metadata"]["name"])
            accepted = f"mesto.dev/accept-affected={resource['metadata']['generation']}"
            seen.kubectl("annotate", "cws", *place, accepted, "--overwrite")
    seen.cluster.kubectl(*commands[0][1:], timeout=120)
    assert declared() == []
    for kind in ("coworkingspaces", "geodatasets", "scrapetargets", "platformconfigs"):
        seen.cluster.kubectl("delete", "crd", f"{kind}.mesto.dev", timeout=60)
    for gone in ("seeing", namespace):
        seen.cluster.kubectl("delete", "namespace", gone, timeout=60)
