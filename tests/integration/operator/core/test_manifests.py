"""The API server accepts what is right and refuses what is wrong with a sentence that says what to write."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import yaml
from mestolocal.cluster import Cluster
from mestolocal.paths import REPO
from support.clients.manifests import Edit, accepted, refusal, repeat_first, set_field
from support.clients.spaces import space


def hours(opens: str, closes: str) -> Edit:
    return set_field("openingHours", [{"days": ["Mon"], "open": opens, "close": closes}])


def tiers(*pairs: tuple[str, int]) -> Edit:
    return set_field(
        "booking.cancellation", [{"before": before, "refundPercent": percent} for before, percent in pairs]
    )


def week(*entries: tuple[str, str, str]) -> Edit:
    return set_field(
        "openingHours", [{"days": days.split(), "open": opens, "close": closes} for days, opens, closes in entries]
    )


def price(amount: str, currency: str = "RUB") -> Edit:
    return set_field("resources.0.prices", [{"per": "Hour", "amount": amount, "currency": currency}])


def on(*entries: tuple[str, str, str] | str) -> Edit:
    """Exceptions: a closed date, or a date with its hours."""
    listed = [
        {"date": entry, "closed": True}
        if isinstance(entry, str)
        else dict(zip(("date", "open", "close"), entry, strict=True))
        for entry in entries
    ]
    return set_field("exceptions", listed)


ACCEPTED: dict[str, Edit] = {
    "as it is": lambda manifest: None,
    "only English": set_field("title", {"en": "Loft"}),
    "only Russian": set_field("title", {"ru": "Лофт"}),
    "until midnight": hours("08:00", "24:00"),
    "past midnight in two entries": set_field(
        "openingHours",
        [{"days": ["Fri"], "open": "20:00", "close": "24:00"}, {"days": ["Sat"], "open": "00:00", "close": "04:00"}],
    ),
    "past midnight in one entry": week(("Fri Sat Sun", "22:00", "02:00"), ("Mon", "02:00", "10:00")),
    "around the clock from ten": week(("Mon Tue Wed Thu Fri Sat Sun", "10:00", "10:00")),
    "a date with several intervals": on(
        ("2026-12-31", "10:00", "12:00"), ("2026-12-31", "12:00", "13:00"), ("2026-12-31", "20:00", "03:00")
    ),
    "four hundred dates": on(*(str(date(2027, 1, 1) + timedelta(days=number)) for number in range(400))),
    "no resources": set_field("resources", None),
    "no hours": set_field("openingHours", None),
    "no prices": set_field("resources.0.prices", None),
    "a whole price": set_field("resources.0.prices.0.amount", "250"),
    "one decimal": set_field("resources.0.prices.0.amount", "250.5"),
    "yen": price("500", "JPY"),
    "dinars": price("1.250", "KWD"),
    "the highest price": price("1000000000.00"),
    "free of charge": set_field("resources.0.prices.0.amount", "0"),
    "UTC": set_field("timeZone", "UTC"),
    "a zone of three parts": set_field("timeZone", "America/Argentina/Buenos_Aires"),
    "the south pole": set_field("location", {"latitude": -90, "longitude": 180}),
    "a whole number of degrees": set_field("location", {"latitude": 55, "longitude": 37}),
    "tiers in any order": tiers(("2h", 50), ("24h", 100), ("1h30m", 50)),
    "a leap day": set_field("exceptions", [{"date": "2028-02-29", "closed": True}]),
    "an exception with hours": set_field("exceptions", [{"date": "2026-12-31", "open": "10:00", "close": "24:00"}]),
    "a room for eight": set_field("resources.0.capacity", 8),
    "a notice of all the advance": set_field("resources.0.minNoticeMinutes", 90 * 1440),
    "minimum equals maximum": set_field("resources.0.maxDurationMinutes", 60),
    "emoji joined to one": set_field("title", {"en": "The 👩‍💻 room"}),
    "a Persian title with its joiner": set_field("title", {"en": "می‌خواهم"}),
    "a description of several lines": set_field("description", {"en": "One.\n\tTwo."}),
    "the longest title": set_field("title", {"ru": "я" * 200}),
    "a place on the equator": set_field("location", {"latitude": 0, "longitude": 37.6}),
    "an address with a query": set_field("photos", [{"url": "https://a.example/x.jpg?w=1&h=2#main"}]),
    "an address at a port": set_field("contacts", {"website": "http://loft.example.org:8080/en"}),
    "an at sign in a path": set_field("contacts", {"website": "https://social.example.org/@loft"}),
    "an e-mail address with a tag": set_field("contacts", {"email": "desk+loft@sub.example.org"}),
    "an e-mail address of another alphabet": set_field("owner", {"email": "вера@пример.рф"}),
    "no tiers": set_field("booking.cancellation", []),
    "a tier at the start": tiers(("0m", 0)),
    "a slug of one letter": set_field("slug", "a"),
    "a slug of 63 letters": set_field("slug", "a" * 63),
    "not published": set_field("published", False),
    "another policy of deletion": set_field("deletionPolicy", "Delete"),
    "the owner approves": set_field("booking.approval", "Owner"),
    "prices of three units": set_field(
        "resources.0.prices", [{"per": per, "amount": "1", "currency": "RUB"} for per in ("Hour", "Day", "Month")]
    ),
    "prices of two currencies": set_field(
        "resources.0.prices", [{"per": "Hour", "amount": "1", "currency": currency} for currency in ("RUB", "USD")]
    ),
}
SEEN = "without control characters and without characters that nobody sees"
CREDENTIALS = "an address must not carry a user or a password"
REFUSED: dict[str, tuple[Edit, str]] = {
    "negative seats": (set_field("resources.0.seats", -3), "write a whole number from 1 to 10000"),
    "no seats": (set_field("resources.0.seats", 0), "write a whole number from 1 to 10000"),
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
    "unknown time zone": (set_field("timeZone", "Europe/Moskow"), "write an IANA name such as Europe/Moscow"),
    "an offset for a zone": (set_field("timeZone", "+03:00"), "write an IANA name such as Europe/Moscow"),
    "price abc": (
        set_field("resources.0.prices.0.amount", "abc"),
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
    "latitude 123": (set_field("location.latitude", 123), "latitude: write degrees north from -90 to 90"),
    "longitude -181": (set_field("location.longitude", -181.5), "longitude: write degrees east from -180 to 180"),
    "no title": (set_field("title", None), "the space has no title: write title: {ru: …} or title: {en: …}"),
    "an empty title": (set_field("title", {}), "the space has no title"),
    "a blank title": (set_field("title", {"en": "  "}), "the space has no title"),
    "unknown kind of resource": (
        set_field("resources.0.kind", "Hammock"),
        'supported values: "HotDesk", "DedicatedDesk", "MeetingRoom", "Office", "EventSpace"',
    ),
    "two resources of one name": (
        repeat_first("resources"),
        'spec.resources[1]: Duplicate value: {"name":"open-space"}',
    ),
    "minimum above maximum duration": (
        set_field("resources.0.minDurationMinutes", 1000),
        "minDurationMinutes is above maxDurationMinutes: write a minimum that is at most the maximum",
    ),
    "a minimum of one and a half slots": (set_field("resources.0.minDurationMinutes", 45), "a multiple of slotMinutes"),
    "a maximum below the slot": (
        set_field("resources.0", {"name": "a", "kind": "Office", "seats": 1, "maxDurationMinutes": 15}),
        "write a maxDurationMinutes that is a multiple of slotMinutes (else 30)",
    ),
    "a notice longer than the advance": (
        set_field("resources.0.minNoticeMinutes", 90 * 1440 + 1),
        "write a minNoticeMinutes of at most maxAdvanceDays days",
    ),
    "no people": (set_field("resources.0.capacity", 0), "capacity, the people who fit: write a whole number from 1"),
    "refund 150%": (tiers(("24h", 150)), "refundPercent: write a whole number from 0 to 100"),
    "unknown weekday": (
        set_field("openingHours.0.days", ["Mon", "Funday"]),
        'supported values: "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"',
    ),
    "a weekday twice": (set_field("openingHours.0.days", ["Mon", "Mon"]), "Duplicate value"),
    "no weekday": (set_field("openingHours.0.days", []), "should have at least 1 items"),
    "closed and open": (
        set_field("exceptions", [{"date": "2026-12-31", "closed": True, "open": "10:00", "close": "12:00"}]),
        'write either "closed: true" or both open and close',
    ),
    "neither closed nor open": (
        set_field("exceptions", [{"date": "2026-12-31"}]),
        'write either "closed: true" or both',
    ),
    "only open": (
        set_field("exceptions", [{"date": "2026-12-31", "open": "10:00"}]),
        'write either "closed: true" or both',
    ),
    "a date that does not exist": (
        set_field("exceptions", [{"date": "2026-02-30", "closed": True}]),
        "write a date that ex",
    ),
    "a date in words": (set_field("exceptions", [{"date": "31.12.2026", "closed": True}]), 'as "YYYY-MM-DD"'),
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
    "a zone that says that none was set": (set_field("timeZone", "Factory"), "write an IANA name"),
    "a city in words": (set_field("city", "Moscow City"), "63 at most, for example moscow"),
    "an amenity of two words": (set_field("amenities", ["Wi Fi"]), "63 at most, for example wifi"),
    "a resource in words": (set_field("resources.0.name", "Open space"), "63 at most, for example open-space"),
    "an empty tier": (tiers(("", 100)), "in hours and minutes"),
    "slots of 7 minutes": (set_field("resources.0.slotMinutes", 7), "write a multiple of 5 minutes"),
    "slots of a week": (
        set_field("resources.0.slotMinutes", 10080),
        "slotMinutes: write a whole number from 5 to 1440",
    ),
    "a negative buffer": (
        set_field("resources.0.bufferMinutes", -5),
        "bufferMinutes: write a whole number from 0 to 1440",
    ),
    "an amenity twice": (set_field("amenities", ["wifi", "wifi"]), "Duplicate value"),
    "an amenity in words": (set_field("amenities", ["Good Coffee"]), "write small letters, digits and inner hyphens"),
    "a photo by ftp": (set_field("photos", [{"url": "ftp://a/b.jpg"}]), "begins with https:// or http://"),
    "a phone in words": (set_field("contacts", {"phone": "call us"}), "write the phone number with +"),
    "no e-mail": (set_field("contacts", {"email": "loft at example"}), "write an e-mail address"),
    "an owner without e-mail": (set_field("owner", {"email": "owner"}), "write an e-mail address"),
    "a slug with capitals": (set_field("slug", "My Loft"), "write small letters, digits and inner hyphens"),
    "a hold of a day": (set_field("booking.holdMinutes", 1440), "holdMinutes: write a whole number from 1 to 120"),
    "two prices per hour": (repeat_first("resources.0.prices"), "Duplicate value"),
    "an empty address": (set_field("address", " "), "write the street and the house's number"),
    "no city": (set_field("city", None), "spec.city: Required value"),
    "a NUL in a title": (set_field("title", {"ru": "Ло\x00фт"}), SEEN),
    "a line break in a title": (set_field("title", {"en": "Loft\r\nBcc: all@example.org"}), SEEN),
    "an escape in a title": (set_field("title", {"en": "\x1b[31mLoft"}), SEEN),
    "a title of nothing that is seen": (set_field("title", {"en": "\u200b\u200b"}), SEEN),
    "a title that turns its page around": (set_field("title", {"en": "Loft \u202egnp.exe"}), SEEN),
    "a title with a byte order mark": (set_field("title", {"en": "\ufeffLoft"}), SEEN),
    "a title that is too long": (set_field("title", {"en": "x" * 201}), "spec.title.en: Too long"),
    "an escape in a description": (set_field("description", {"en": "One.\n\x1b[2J"}), "line breaks and tabs are taken"),
    "a carriage return in a description": (set_field("description", {"en": "One.\r\n"}), "breaks and tabs are taken"),
    "a bell in a resource's title": (set_field("resources.0.title", {"en": "Room\x07"}), SEEN),
    "two lines in a caption": (
        set_field("photos", [{"url": "https://a.example/x.jpg", "caption": {"en": "a\nb"}}]),
        SEEN,
    ),
    "two lines in an address": (set_field("address", "Main Street\n13"), SEEN),
    "null island": (set_field("location", {"latitude": 0, "longitude": 0}), "0, 0 lies in the Gulf of Guinea"),
    "minus null island": (
        set_field("location", {"latitude": -0.0, "longitude": 0.0}),
        "0, 0 lies in the Gulf of Guinea",
    ),
    "a photo with a blank in its address": (
        set_field("photos", [{"url": "https://a.example/a b.jpg"}]),
        "has no blank in it",
    ),
    "a photo with a line break in its address": (
        set_field("photos", [{"url": "https://a.example/a\n"}]),
        "no blank in it",
    ),
    "a photo without a host": (set_field("photos", [{"url": "https:///x.jpg"}]), "begins with https:// or http://"),
    "a photo behind a password": (set_field("photos", [{"url": "https://me:secret@a.example/x.jpg"}]), CREDENTIALS),
    "a site behind a user": (set_field("contacts", {"website": "http://me@a.example"}), CREDENTIALS),
    "an e-mail address with a line break": (
        set_field("contacts", {"email": "a@example.org\n"}),
        "write an e-mail address",
    ),
    "an e-mail address of two": (
        set_field("owner", {"email": "a@example.org, b@example.org"}),
        "write an e-mail address",
    ),
    "an owner's e-mail with a NUL": (set_field("owner", {"email": "a\x00@example.org"}), "write an e-mail address"),
    "an hour written in two ways": (tiers(("60m", 50), ("1h", 50)), "two tiers begin at the same time (60m is 1h)"),
    "a tier twice": (tiers(("1h", 50), ("1h", 50)), "Duplicate value"),
    "eleven tiers": (tiers(*((f"{hour}h", 10) for hour in range(1, 12))), "must have at most 10 items"),
    "a name of a resource in capitals": (
        set_field("resources.0.name", "Open"),
        "write small letters, digits and inner hyphen",
    ),
    "half a seat": (set_field("resources.0.seats", 1.5), "must be of type"),
    "seats in quotes": (set_field("resources.0.seats", "3"), "must be of type integer"),
    "more seats than counted": (set_field("resources.0.seats", 10_001), "write a whole number from 1 to 10000"),
    "a price without quotes": (set_field("resources.0.prices.0.amount", 250), "must be of type string"),
    "a price with a comma": (set_field("resources.0.prices.0.amount", "250,50"), "in quotes as a decimal number"),
    "a price in tens": (set_field("resources.0.prices.0.amount", "1e3"), "in quotes as a decimal number"),
    "a price per week": (set_field("resources.0.prices.0.per", "Week"), 'supported values: "Hour", "Day", "Month"'),
    "a notice of two years": (
        set_field("resources.0.minNoticeMinutes", 1_051_200),
        "minNoticeMinutes: write a whole number",
    ),
    "three years ahead": (
        set_field("resources.0.maxAdvanceDays", 1095),
        "maxAdvanceDays: write a whole number from 1 to 730",
    ),
    "a slug with a dot": (set_field("slug", "loft.moscow"), "write small letters, digits and inner hyphens"),
    "a slug with a hyphen at its end": (set_field("slug", "loft-"), "write small letters, digits and inner hyphens"),
    "a slug that is an id": (
        set_field("slug", "0f8fad5b-d9cb-469f-a165-70867728950e"),
        "a slug must not look like an id",
    ),
    "a city in Cyrillic": (set_field("city", "москва"), "write small letters, digits and inner hyphens"),
    "a zone in words": (set_field("timeZone", "Moscow Time"), "write an IANA name such as Europe/Moscow"),
    "published in words": (set_field("published", "yes"), "must be of type boolean"),
    "an unknown policy": (set_field("deletionPolicy", "Keep"), 'supported values: "Retain", "Delete"'),
    "unknown approval": (set_field("booking.approval", "Maybe"), 'supported values: "Instant", "Owner"'),
    "a name that is no slug": (
        lambda manifest: manifest["metadata"].update(name="a.dotted.name"),
        "metadata.name cannot be the slug: write spec.slug",
    ),
    "a name that is an id": (
        lambda manifest: manifest["metadata"].update(name="0f8fad5b-d9cb-469f-a165-70867728950e"),
        "metadata.name cannot be the slug: write spec.slug",
    ),
}


@pytest.mark.parametrize("edit", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_right_manifests_are_accepted_as_they_are(apiserver: Cluster, edit: Edit) -> None:
    manifest = space("loft")
    edit(manifest)
    assert accepted(apiserver, manifest)["spec"] == manifest["spec"]


@pytest.mark.parametrize(("edit", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_wrong_manifests_are_refused_with_a_sentence(apiserver: Cluster, edit: Edit, sentence: str) -> None:
    manifest = space("loft")
    edit(manifest)
    assert sentence in refusal(apiserver, manifest)


@pytest.mark.parametrize(
    "edit",
    [
        set_field("openingHours.0.days", []),
        tiers(("1d", 100)),
        tiers(("", 100)),
        tiers(("1d", 100), ("2h", 50)),
    ],
)
def test_one_mistake_is_one_sentence(apiserver: Cluster, edit: Edit) -> None:
    manifest = space("loft")
    edit(manifest)
    said = refusal(apiserver, manifest)
    for other in ("overlap", "begin at the same time", "refund at least as much", "evaluation error", "error:"):
        assert other not in said, said


def test_all_broken_rules_are_told_at_once(apiserver: Cluster) -> None:
    manifest = space("loft", timeZone="Mars/Olympus", location={"latitude": 123, "longitude": 0})
    manifest["spec"]["resources"][0]["seats"] = -1
    said = refusal(apiserver, manifest)
    for sentence in ("write an IANA name", "write degrees north", "write a whole number from 1 to 10000"):
        assert sentence in said


def test_a_typo_in_a_field_is_told(apiserver: Cluster) -> None:
    manifest = space("loft", adress="Мясницкая")
    assert "adress" in refusal(apiserver, manifest)


EXAMPLES = sorted((REPO / "examples" / "spaces").glob("*.yaml"))


def test_every_example_is_accepted(apiserver: Cluster) -> None:
    spaces = [
        document
        for path in EXAMPLES
        for document in yaml.safe_load_all(path.read_text("utf-8"))
        if document and document["kind"] == "CoworkingSpace"
    ]
    assert spaces
    for resource in spaces:
        resource["metadata"].pop("namespace", None)
        assert accepted(apiserver, resource)["spec"] == resource["spec"]
