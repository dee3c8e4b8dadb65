"""ScrapeTarget, PlatformConfig, GeoDataset: what the API server accepts, and what it refuses with a sentence."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from mestolocal.cluster import Cluster
from mestolocal.paths import REPO
from support.clients.manifests import (
    CONFIG,
    DATASET,
    TARGET,
    Edit,
    accepted,
    manifest,
    refusal,
    repeat_first,
    set_field,
)
from support.clients.spaces import dump

SHARED = Path(os.environ.get("MESTO_SHARED", REPO.parent / "shared"))


LEFT_OUT: Edit = lambda resource: None  # noqa: E731 - as it is
URL = "begins with https:// or http://"
CRON = "write a schedule in cron's five fields (minute 0-59, hour 0-23, day 1-31, month 1-12, weekday 0-7)"
ACCEPTED: dict[str, tuple[dict[str, Any], Edit]] = {
    "a target": (TARGET, LEFT_OUT),
    "a target of structured data": (TARGET, set_field("extract", {"mode": "StructuredData"})),
    "a target of an API": (
        TARGET,
        set_field("extract", {"mode": "JsonApi", "items": {"path": "data[]"}, "fields": {"name": {"path": "title"}}}),
    ),
    "a constant": (TARGET, set_field("extract.fields.per", {"value": "Day"})),
    "steps and names in a schedule": (TARGET, set_field("schedule", "*/15 9-18 * JAN-JUN MON,WED")),
    "the last day of the month": (TARGET, set_field("schedule", "0 0 L * *")),
    "the last minute of a Sunday": (TARGET, set_field("schedule", "59 23 * 12 7")),
    "a policy": (CONFIG, LEFT_OUT),
    "owners' work shown at once": (CONFIG, set_field("catalog.photos", {"moderation": "None"})),
    "an empty policy": (manifest("PlatformConfig"), LEFT_OUT),
    "no cities": (CONFIG, set_field("geo.cities", [])),
    "districts": (DATASET, LEFT_OUT),
    "stops of a ConfigMap": (
        manifest(
            "GeoDataset",
            city="moscow",
            type="Stops",
            format="CSV",
            source={"configMap": {"name": "a.b", "key": "c.csv"}},
        ),
        LEFT_OUT,
    ),
}
REFUSED: dict[str, tuple[dict[str, Any], Edit, str]] = {
    "no address": (TARGET, set_field("startUrls", []), "should have at least 1 items"),
    "an address by ftp": (TARGET, set_field("startUrls", ["ftp://a/b"]), URL),
    "an address twice": (TARGET, repeat_first("startUrls"), "Duplicate value"),
    "a schedule of four fields": (TARGET, set_field("schedule", "0 3 * *"), CRON),
    "minute 61": (TARGET, set_field("schedule", "61 3 * * *"), CRON),
    "hour 24": (TARGET, set_field("schedule", "0 24 * * *"), CRON),
    "day 0": (TARGET, set_field("schedule", "0 3 0 * *"), CRON),
    "month 13": (TARGET, set_field("schedule", "0 3 * 13 *"), CRON),
    "weekday 8": (TARGET, set_field("schedule", "0 3 * * 8"), CRON),
    "a site behind a password": (TARGET, set_field("startUrls", ["https://me:secret@a.example"]), "user or a password"),
    "a site with a blank": (TARGET, set_field("startUrls", ["https://a.example/a b"]), "has no blank in it"),
    "a schedule in words": (TARGET, set_field("schedule", "@daily"), CRON),
    "no schedule": (TARGET, set_field("schedule", None), "spec.schedule: Required value"),
    "a zone that is none": (TARGET, set_field("timeZone", "Moscow Time"), "write an IANA name"),
    "a delay below nothing": (
        TARGET,
        set_field("politeness.delaySeconds", -1),
        "delaySeconds: write seconds from 0 to 300",
    ),
    "no page": (TARGET, set_field("politeness.maxPages", 0), "maxPages: write a whole number from 1"),
    "a deadline of a second": (
        TARGET,
        set_field("startingDeadlineSeconds", 1),
        "startingDeadlineSeconds: write a whole",
    ),
    "selectors without items": (TARGET, set_field("extract.items", None), "write items and fields.name"),
    "selectors without a name": (TARGET, set_field("extract.fields", {}), "write items and fields.name"),
    "a selector of two sorts": (
        TARGET,
        set_field("extract.items", {"css": "a", "xpath": "//a"}),
        "write exactly one of css",
    ),
    "an empty selector": (TARGET, set_field("extract.items", {}), "write exactly one of css"),
    "pages read by a JSON path": (TARGET, set_field("extract.items", {"path": "data"}), "mode Selectors reads pages"),
    "JSON read by CSS": (TARGET, set_field("extract.mode", "JsonApi"), "mode JsonApi reads JSON"),
    "coverage above all": (TARGET, set_field("expect.coverage.price", 101), "a share in percent: write a whole number"),
    "an unknown mode": (TARGET, set_field("extract.mode", "Magic"), 'supported values: "StructuredData", "Selectors"'),
    "an unknown language": (TARGET, set_field("defaults.language", "de"), 'supported values: "ru", "en"'),
    "tokens for a day": (
        CONFIG,
        set_field("auth.accessTokenMinutes", 1440),
        "accessTokenMinutes: write a whole number",
    ),
    "an unknown provider": (
        CONFIG,
        set_field("booking.payments.providers", ["Cash"]),
        'supported values: "Sandbox", "Stripe", "YooKassa"',
    ),
    "a city's name on two lines": (
        CONFIG,
        set_field("geo.cities.0.name", {"en": "Moscow\nCity"}),
        "write one line of text",
    ),
    "a city at null island": (
        CONFIG,
        set_field("geo.cities.0.center", {"latitude": 0, "longitude": 0}),
        "Gulf of Guinea",
    ),
    "a sender with a line break": (
        CONFIG,
        set_field("notifications.email.from", "a@b.example\n"),
        "write an e-mail address",
    ),
    "an unknown moderation": (
        CONFIG,
        set_field("catalog.spaces", {"moderation": "Later"}),
        'values: "None", "PreModerate"',
    ),
    "no provider": (CONFIG, set_field("booking.payments.providers", []), "should have at least 1 items"),
    "a provider twice": (CONFIG, repeat_first("booking.payments.providers"), "Duplicate value"),
    "a city twice": (CONFIG, repeat_first("geo.cities"), "Duplicate value"),
    "a city without a name": (CONFIG, set_field("geo.cities.0.name", {}), "the city has no name"),
    "a city off the globe": (CONFIG, set_field("geo.cities.0.center.latitude", 91), "latitude: write degrees north"),
    "a zoom beyond": (CONFIG, set_field("geo.cities.0.zoom", 23), "zoom: write a number from 0 to 22"),
    "a city's zone": (CONFIG, set_field("geo.cities.0.timeZone", "Mars"), "write an IANA name"),
    "a sender without a domain": (CONFIG, set_field("notifications.email.from", "noreply"), "write an e-mail address"),
    "a reminder after the fact": (
        CONFIG,
        set_field("notifications.reminderMinutes", [-5]),
        "reminderMinutes: write whole",
    ),
    "a crawler without a name": (CONFIG, set_field("scraping.userAgent", " "), "write how crawlers name themselves"),
    "a crawler's name on two lines": (
        CONFIG,
        set_field("scraping.userAgent", "a\nb"),
        "write how crawlers name themselves",
    ),
    "two sources": (DATASET, set_field("source.configMap", {"name": "a", "key": "b"}), "write either source.url or"),
    "no source": (DATASET, set_field("source", {}), "write either source.url or source.configMap"),
    "districts of a table": (DATASET, set_field("format", "CSV"), "districts need areas: write format: GeoJSON"),
    "stops with a level": (DATASET, set_field("type", "Stops"), "only districts have a level"),
    "data behind a password": (DATASET, set_field("source.url", "https://me:secret@a.example/x"), "user or a password"),
    "a ConfigMap read by a schedule": (
        DATASET,
        set_field("source", {"configMap": {"name": "a", "key": "b"}}),
        "only an address is read again by a schedule: leave refresh out",
    ),
    "half a hash": (DATASET, set_field("source.sha256", "abc"), "write the SHA-256"),
    "a column of nothing": (DATASET, set_field("mapping.name", " "), "write the name of a field in the source"),
    "a refresh in words": (DATASET, set_field("refresh.schedule", "weekly"), CRON),
    "a ConfigMap elsewhere": (
        DATASET,
        set_field("source", {"configMap": {"name": "other/map", "key": "b"}}),
        "write the name of a ConfigMap in this namespace",
    ),
}


@pytest.mark.parametrize(("base", "edit"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_right_manifests_are_accepted_as_they_are(apiserver: Cluster, base: dict[str, Any], edit: Edit) -> None:
    resource = copy.deepcopy(base)
    edit(resource)
    assert accepted(apiserver, resource)["spec"] == resource["spec"]


@pytest.mark.parametrize(("base", "edit", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_wrong_manifests_are_refused_with_a_sentence(
    apiserver: Cluster, base: dict[str, Any], edit: Edit, sentence: str
) -> None:
    resource = copy.deepcopy(base)
    edit(resource)
    assert sentence in refusal(apiserver, resource)


@pytest.mark.parametrize("kind", ["CoworkingSpace", "ScrapeTarget", "PlatformConfig", "GeoDataset"])
def test_nothing_is_written_into_what_is_left_out(apiserver: Cluster, namespace: str, kind: str) -> None:
    """What a resource leaves out is the owner's or the platform's: a default in the schema would hide that."""
    found = json.loads(apiserver.kubectl("get", "crd", f"{kind.lower()}s.mesto.dev", "-o", "json"))
    assert '"default"' not in json.dumps(found["spec"])
    assert found["spec"]["names"]["categories"] == ["mesto"]
    assert [condition["type"] for condition in found["status"]["conditions"] if condition["status"] != "True"] == []


@pytest.mark.skipif(not SHARED.is_dir(), reason="the contract is not beside this checkout")
@pytest.mark.parametrize("kind", ["coworkingspace", "scrapetarget", "platformconfig", "geodataset"])
def test_the_contracts_examples_are_accepted_whole(apiserver: Cluster, namespace: str, kind: str) -> None:
    example = yaml.safe_load((SHARED / "contract" / f"{kind}.yaml").read_text("utf-8"))
    example["metadata"]["namespace"] = namespace
    apiserver.kubectl("apply", "-f", "-", stdin=dump(example))
    kept = json.loads(apiserver.kubectl("get", kind, example["metadata"]["name"], "-n", namespace, "-o", "json"))
    assert kept["spec"] == example["spec"]
