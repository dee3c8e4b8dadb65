"""The API server accepts what is right and refuses what is wrong with a sentence that says what to write."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import yaml
from mestolocal.cluster import Cluster
from mestolocal.paths import REPO
from support.manifests import Edit, offer, put, refusal, twice
from support.spaces import space


def hours(opens: str, closes: str) -> Edit:
    return put("openingHours", [{"days": ["Mon"], "open": opens, "close": closes}])


def tiers(*pairs: tuple[str, int]) -> Edit:
    return put("booking.cancellation", [{"before": before, "refundPercent": percent} for before, percent in pairs])


def week(*entries: tuple[str, str, str]) -> Edit:
    return put("openingHours", [{"days": days.split(), "open": one, "close": two} for days, one, two in entries])


def price(amount: str, currency: str = "RUB") -> Edit:
    return put("resources.0.prices", [{"per": "Hour", "amount": amount, "currency": currency}])


def on(*entries: tuple[str, str, str] | str) -> Edit:
    """Exceptions: a closed date, or a date with its hours."""
    listed = [
        {"date": one, "closed": True}
        if isinstance(one, str)
        else dict(zip(("date", "open", "close"), one, strict=True))
        for one in entries
    ]
    return put("exceptions", listed)


ACCEPTED: dict[str, Edit] = {
    "as it is": lambda manifest: None,
    "only English": put("title", {"en": "Loft"}),
    "only Russian": put("title", {"ru": "Лофт"}),
    "until midnight": hours("08:00", "24:00"),
    "past midnight in two entries": put(
        "openingHours",
        [{"days": ["Fri"], "open": "20:00", "close": "24:00"}, {"days": ["Sat"], "open": "00:00", "close": "04:00"}],
    ),
    "past midnight in one entry": week(("Fri Sat Sun", "22:00", "02:00"), ("Mon", "02:00", "10:00")),
    "around the clock from ten": week(("Mon Tue Wed Thu Fri Sat Sun", "10:00", "10:00")),
    "a date with several intervals": on(
        ("2026-12-31", "10:00", "12:00"), ("2026-12-31", "12:00", "13:00"), ("2026-12-31", "20:00", "03:00")
    ),
    "four hundred dates": on(*(str(date(2027, 1, 1) + timedelta(days=number)) for number in range(400))),
    "no resources": put("resources", None),
    "no hours": put("openingHours", None),
    "no prices": put("resources.0.prices", None),
    "a whole price": put("resources.0.prices.0.amount", "250"),
    "one decimal": put("resources.0.prices.0.amount", "250.5"),
    "yen": price("500", "JPY"),
    "dinars": price("1.250", "KWD"),
    "the highest price": price("1000000000.00"),
    "free of charge": put("resources.0.prices.0.amount", "0"),
    "UTC": put("timeZone", "UTC"),
    "a zone of three parts": put("timeZone", "America/Argentina/Buenos_Aires"),
    "the south pole": put("location", {"latitude": -90, "longitude": 180}),
    "a whole number of degrees": put("location", {"latitude": 55, "longitude": 37}),
    "tiers in any order": tiers(("2h", 50), ("24h", 100), ("1h30m", 50)),
    "a leap day": put("exceptions", [{"date": "2028-02-29", "closed": True}]),
    "an exception with hours": put("exceptions", [{"date": "2026-12-31", "open": "10:00", "close": "24:00"}]),
    "minimum equals maximum": put("resources.0.maxDurationMinutes", 60),
}
REFUSED: dict[str, tuple[Edit, str]] = {
    "negative seats": (put("resources.0.seats", -3), "write a whole number from 1 to 10000"),
    "no seats": (put("resources.0.seats", 0), "write a whole number from 1 to 10000"),
    "hours of a weekday that overlap": (
        week(("Mon Tue", "08:00", "12:00"), ("Tue", "11:00", "13:00")),
        "two entries have hours of one weekday that overlap",
    ),
    "the same hours twice": (
        week(("Mon", "08:00", "12:00"), ("Mon", "08:00", "12:00")),
        "overlap: write each time once",
    ),
    "a night under later hours": (
        week(("Mon", "20:00", "04:00"), ("Mon", "23:00", "24:00")),
        "one weekday that overlap",
    ),
    "a night that lasts into the next day's hours": (
        week(("Sun", "20:00", "10:00"), ("Mon", "09:00", "18:00")),
        "hours that close on the next day last into that day's own",
    ),
    "opening at 24:00": (hours("24:00", "24:00"), 'write the time of opening as "HH:MM"'),
    "hours without minutes": (hours("8", "22:00"), 'write the time of opening as "HH:MM" from "00:00"'),
    "closing at 25:00": (hours("08:00", "25:00"), 'write the time of closing as "HH:MM" from "00:05" to "24:00"'),
    "a minute off": (hours("08:01", "22:00"), "write a time on a multiple of 5 minutes"),
    "unknown time zone": (put("timeZone", "Europe/Moskow"), "write an IANA name such as Europe/Moscow"),
    "an offset for a zone": (put("timeZone", "+03:00"), "write an IANA name such as Europe/Moscow"),
    "price abc": (
        put("resources.0.prices.0.amount", "abc"),
        "write the price in quotes as a decimal number from 0 to 1000000000",
    ),
    "price with three places": (price("1.005"), "have two decimals at most"),
    "negative price": (price("-1.00"), "a decimal number from 0 to 1000000000"),
    "a price of ten billions": (price("9999999999.99"), "a decimal number from 0 to 1000000000"),
    "half a yen": (price("100.50", "JPY"), "amounts in this currency have no decimals"),
    "dinars with four places": (price("1.2505", "KWD"), "amounts in this currency have three decimals at most"),
    "currency in words": (price("1", "rub"), "three capital letters"),
    "no currency of ISO 4217": (price("1", "ZZZ"), "not a currency of ISO 4217"),
    "a metal": (price("1", "XAU"), "not a currency of ISO 4217"),
    "latitude 123": (put("location.latitude", 123), "latitude: write degrees north from -90 to 90"),
    "longitude -181": (put("location.longitude", -181.5), "longitude: write degrees east from -180 to 180"),
    "no title": (put("title", None), "the space has no title: write title: {ru: …} or title: {en: …}"),
    "an empty title": (put("title", {}), "the space has no title"),
    "a blank title": (put("title", {"en": "  "}), "the space has no title"),
    "unknown kind of resource": (
        put("resources.0.kind", "Hammock"),
        'supported values: "HotDesk", "DedicatedDesk", "MeetingRoom", "Office", "EventSpace"',
    ),
    "two resources of one name": (twice("resources"), "two resources have the same name: write another name"),
    "minimum above maximum duration": (
        put("resources.0.minDurationMinutes", 1000),
        "minDurationMinutes is above maxDurationMinutes: write a minimum that is at most the maximum",
    ),
    "refund 150%": (tiers(("24h", 150)), "refundPercent: write a whole number from 0 to 100"),
    "unknown weekday": (
        put("openingHours.0.days", ["Mon", "Funday"]),
        'supported values: "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"',
    ),
    "a weekday twice": (put("openingHours.0.days", ["Mon", "Mon"]), "Duplicate value"),
    "no weekday": (put("openingHours.0.days", []), "should have at least 1 items"),
    "closed and open": (
        put("exceptions", [{"date": "2026-12-31", "closed": True, "open": "10:00", "close": "12:00"}]),
        'write either "closed: true" or both open and close',
    ),
    "neither closed nor open": (put("exceptions", [{"date": "2026-12-31"}]), 'write either "closed: true" or both'),
    "only open": (put("exceptions", [{"date": "2026-12-31", "open": "10:00"}]), 'write either "closed: true" or both'),
    "a date that does not exist": (put("exceptions", [{"date": "2026-02-30", "closed": True}]), "write a date that ex"),
    "a date in words": (put("exceptions", [{"date": "31.12.2026", "closed": True}]), 'as "YYYY-MM-DD"'),
    "a date closed twice": (on("2026-12-31", "2026-12-31"), "a date stands twice with the same or overlapping hours"),
    "a date closed and open": (on("2026-12-31", ("2026-12-31", "10:00", "12:00")), "or is closed and open"),
    "a date whose hours overlap": (
        on(("2026-12-31", "20:00", "02:00"), ("2026-12-31", "23:00", "24:00")),
        "a date stands twice with the same or overlapping hours",
    ),
    "earlier cancellation refunds less": (
        tiers(("24h", 10), ("2h", 50)),
        "an earlier cancellation must refund at least as much as a later one",
    ),
    "a tier in days": (tiers(("1d", 100)), 'in hours and minutes, 8760h at most, for example "24h" or "30m"'),
    "an empty tier": (tiers(("", 100)), "in hours and minutes"),
    "slots of 7 minutes": (put("resources.0.slotMinutes", 7), "write a multiple of 5 minutes"),
    "slots of a week": (put("resources.0.slotMinutes", 10080), "slotMinutes: write a whole number from 5 to 1440"),
    "a negative buffer": (put("resources.0.bufferMinutes", -5), "bufferMinutes: write a whole number from 0 to 1440"),
    "an amenity twice": (put("amenities", ["wifi", "wifi"]), "Duplicate value"),
    "an amenity in words": (put("amenities", ["Good Coffee"]), "write small letters, digits and inner hyphens"),
    "a photo by ftp": (put("photos", [{"url": "ftp://a/b.jpg"}]), "begins with https:// or http://"),
    "a phone in words": (put("contacts", {"phone": "call us"}), "write the phone number with +"),
    "no e-mail": (put("contacts", {"email": "loft at example"}), "write an e-mail address"),
    "an owner without e-mail": (put("owner", {"email": "owner"}), "write an e-mail address"),
    "a slug with capitals": (put("slug", "My Loft"), "write small letters, digits and inner hyphens"),
    "a hold of a day": (put("booking.holdMinutes", 1440), "holdMinutes: write a whole number from 1 to 120"),
    "two prices per hour": (twice("resources.0.prices"), "Duplicate value"),
    "an empty address": (put("address", " "), "write the street and the house's number"),
    "no city": (put("city", None), "spec.city: Required value"),
    "an unknown policy": (put("deletionPolicy", "Keep"), 'supported values: "Retain", "Delete"'),
    "unknown approval": (put("booking.approval", "Maybe"), 'supported values: "Instant", "Owner"'),
    "a name that is no slug": (
        lambda manifest: manifest["metadata"].update(name="a.dotted.name"),
        "metadata.name cannot be the slug: write spec.slug",
    ),
}


@pytest.mark.parametrize("edit", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_right_manifests_are_accepted(apiserver: Cluster, namespace: str, edit: Edit) -> None:
    manifest = space("loft")
    edit(manifest)
    assert "created" in offer(apiserver, namespace, manifest)


@pytest.mark.parametrize(("edit", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_wrong_manifests_are_refused_with_a_sentence(
    apiserver: Cluster, namespace: str, edit: Edit, sentence: str
) -> None:
    manifest = space("loft")
    edit(manifest)
    assert sentence in refusal(apiserver, namespace, manifest)


def test_all_broken_rules_are_told_at_once(apiserver: Cluster, namespace: str) -> None:
    manifest = space("loft", timeZone="Mars/Olympus", location={"latitude": 123, "longitude": 0})
    manifest["spec"]["resources"][0]["seats"] = -1
    said = refusal(apiserver, namespace, manifest)
    for sentence in ("write an IANA name", "write degrees north", "write a whole number from 1 to 10000"):
        assert sentence in said


def test_a_typo_in_a_field_is_told(apiserver: Cluster, namespace: str) -> None:
    manifest = space("loft", adress="Мясницкая")
    assert "adress" in refusal(apiserver, namespace, manifest)


EXAMPLES = sorted((REPO / "examples" / "spaces").glob("*.yaml"))


def test_every_example_is_accepted(apiserver: Cluster, namespace: str) -> None:
    spaces = [
        one
        for path in EXAMPLES
        for one in yaml.safe_load_all(path.read_text("utf-8"))
        if one and one["kind"] == "CoworkingSpace"
    ]
    for one in spaces:
        one["metadata"].pop("namespace", None)
    assert spaces
    offer(apiserver, namespace, *spaces)
