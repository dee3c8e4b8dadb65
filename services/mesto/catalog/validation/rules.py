"""What must hold of a declared space beyond the shape of its fields.

The resource's CEL rules say the same to people who use kubectl; they are repeated here because owners do not come by
the API server, and a schema can be older than the service.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from mesto.contracts import money
from mesto.contracts.fields import is_line
from mesto.contracts.spaces import Contacts, ResourceSpec, SpaceSpec

_PHONE = re.compile(r"[+][1-9][0-9]{6,14}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+[.][^@\s.]+")
_ID = re.compile(r"[0-9a-f]{32}")
_FIRST_YEAR = 2000
_DAY = 1440
_ONE = timedelta(days=1)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Fault = tuple[str, str]
"""The dotted path of a field and a sentence that says what to write."""


def is_id(slug: str) -> bool:
    """Return whether a slug has the form of an id: addresses name spaces by either, so it would hide another's."""
    return bool(_ID.fullmatch(slug.replace("-", "")))


def faults(spec: SpaceSpec) -> list[Fault]:
    """Return everything that is wrong with a declared space; empty when it can be applied."""
    return [
        *_place(spec),
        *_contacts(spec.contacts),
        *_week(spec),
        *_exceptions(spec),
        *_resources(spec.resources),
        *_policy(spec),
    ]


def _repeated(values: Iterable[object]) -> list[object]:
    return [value for value, times in Counter(values).items() if times > 1]


def _place(spec: SpaceSpec) -> Iterator[Fault]:
    if not ((spec.title.ru or "").strip() or (spec.title.en or "").strip()):
        yield "title", "Give a title in ru or en."
    try:
        ZoneInfo(spec.time_zone if spec.time_zone != "Factory" else "")  # a zone that says that none was set
    except (KeyError, ValueError, OSError):
        yield "time_zone", f"{spec.time_zone} is not a known time zone; write an IANA name such as Europe/Moscow."
    if (spec.location.latitude, spec.location.longitude) == (0, 0):
        yield "location", "0, 0 lies in the Gulf of Guinea; write the latitude and longitude of the place."
    for slug in _repeated(spec.amenities):
        yield "amenities", f"{slug} is listed twice."
    for index, photo in enumerate(spec.photos):
        if not _is_web_address(photo.url):
            yield f"photos.{index}.url", "A photo's address starts with https:// or http://, names a host, no user."


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        named = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        return named and not re.search(r"[\s\x00-\x20]", text) and is_line(text)
    except ValueError:
        return False


def _contacts(contacts: Contacts | None) -> Iterator[Fault]:
    if contacts is None:
        return
    if contacts.phone is not None and not _PHONE.fullmatch(contacts.phone):
        yield "contacts.phone", "Write the number with + and the country's code, digits only, as in +74951234567."
    if contacts.email is not None and not (_EMAIL.fullmatch(contacts.email) and is_line(contacts.email)):
        yield "contacts.email", "Write an e-mail address, for example loft@example.org."
    if contacts.website is not None and not _is_web_address(contacts.website):
        yield "contacts.website", "Write a whole address that begins with https:// or http://."


def _on_the_grid(path: str, opening: str | None, closing: str | None) -> Iterator[Fault]:
    """Booking counts seats in units that divide all times of a space: a stray minute would cost thousands of rows."""
    for name, value in (("open", opening), ("close", closing)):
        if value is not None and value[-1] not in "05":
            yield f"{path}.{name}", "Write a time on a multiple of 5 minutes."


def _span(opening: str, closing: str, days: int = 0) -> tuple[int, int]:
    """Return minutes after a midnight, ``days`` later; what closes not later than it opens is of the next day."""
    begin, end = (int(clock[:2]) * 60 + int(clock[3:]) + days * _DAY for clock in (opening, closing))
    return begin, end if closing > opening else end + _DAY


def _overlap(spans: Iterable[tuple[int, int]]) -> bool:
    return any(later[0] < earlier[1] for earlier, later in pairwise(sorted(spans)))


def _week(spec: SpaceSpec) -> Iterator[Fault]:
    by_day: dict[str, list[tuple[int, int]]] = {day: [] for day in _WEEKDAYS}
    for index, hours in enumerate(spec.opening_hours):
        yield from _on_the_grid(f"opening_hours.{index}", hours.open, hours.close)
        for day in hours.days:
            by_day[day].append(_span(hours.open, hours.close))
    for number, (weekday, spans) in enumerate(by_day.items()):
        night = [(begin - _DAY, end - _DAY) for begin, end in by_day[_WEEKDAYS[number - 1]]]
        if _overlap(spans):
            yield "opening_hours", f"The hours of {weekday} overlap."
        elif _reach(night, spans):
            yield "opening_hours", f"The night before {weekday} lasts into its hours."


def _reach(night: Iterable[tuple[int, int]], spans: Iterable[tuple[int, int]]) -> bool:
    """Return whether hours of the date before last longer than until the first of these."""
    return max((end for _, end in night), default=0) > min((begin for begin, _ in spans), default=2 * _DAY)


def _exceptions(spec: SpaceSpec) -> Iterator[Fault]:
    for index, exception in enumerate(spec.exceptions):
        path = f"exceptions.{index}"
        yield from _on_the_grid(path, exception.open, exception.close)
        if exception.date.year < _FIRST_YEAR:
            yield f"{path}.date", f"Write a date from {_FIRST_YEAR} on."
        if exception.closed:
            if exception.open or exception.close:
                yield path, "A closed date has no open and close."
        elif exception.open is None or exception.close is None:
            yield path, "Say closed: true, or both open and close."
    yield from _dates(spec)


def _dates(spec: SpaceSpec) -> Iterator[Fault]:
    """Yield what is wrong with the intervals of dates that differ, together and beside those of the days around."""
    closed = [exception.date for exception in spec.exceptions if exception.closed]
    by_date: dict[date, list[tuple[int, int]]] = {exception.date: [] for exception in spec.exceptions}
    for exception in spec.exceptions:
        if exception.open is not None and exception.close is not None and not exception.closed:
            by_date[exception.date].append(_span(exception.open, exception.close))
    for day in _repeated(closed):
        yield "exceptions", f"{day} is listed as closed twice."
    for day, spans in sorted(by_date.items()):
        if spans and day in closed:
            yield "exceptions", f"{day} is listed both as closed and as open."
        elif _overlap(spans):
            yield "exceptions", f"The hours of {day} overlap."

    def of(day: date) -> list[tuple[int, int]]:
        if day in by_date:
            return by_date[day]
        usual = (hours for hours in spec.opening_hours if _WEEKDAYS[day.weekday()] in hours.days)
        return [_span(hours.open, hours.close) for hours in usual]

    pairs = {(day - _ONE, day) for day in by_date} | {(day, day + _ONE) for day in by_date if day < date.max}
    for before, day in sorted(pairs):
        if _reach([(begin - _DAY, end - _DAY) for begin, end in of(before)], of(day)):
            yield "exceptions", f"The night before {day} lasts into its hours."


def _resources(resources: list[ResourceSpec]) -> Iterator[Fault]:
    for name in _repeated(resource.name for resource in resources):
        yield "resources", f"Two resources are named {name}; names are unique in a space."
    for index, resource in enumerate(resources):
        path = f"resources.{index}"
        for pair in _repeated((price.per, price.currency) for price in resource.prices):
            assert isinstance(pair, tuple)
            yield f"{path}.prices", f"There are two prices per {pair[0]} in {pair[1]}."
        for number, price in enumerate(resource.prices):
            if price.currency not in money.DECIMALS:
                wrong = f"{price.currency} is not a currency of ISO 4217; write three letters such as RUB or USD."
                yield f"{path}.prices.{number}.currency", wrong
            if price.amount > money.MOST:
                yield f"{path}.prices.{number}.amount", f"Write a price of {money.MOST} at most."
        yield from _durations(path, resource)
        shortest, longest = resource.min_duration_minutes, resource.max_duration_minutes
        if shortest is not None and longest is not None and shortest > longest:
            yield f"{path}.max_duration_minutes", "The maximum duration is below the minimum duration."


def _durations(path: str, resource: ResourceSpec) -> Iterator[Fault]:
    """Yield what no booking could ever fit."""
    slot = resource.slot_minutes
    for name in ("min_duration_minutes", "max_duration_minutes"):
        minutes: int | None = getattr(resource, name)
        if minutes is not None and minutes % slot:
            yield f"{path}.{name}", f"Bookings take whole slots: write a multiple of slot_minutes, which is {slot}."
    if resource.min_notice_minutes > resource.max_advance_days * _DAY:
        most = f"{resource.max_advance_days} days, from max_advance_days"
        yield f"{path}.min_notice_minutes", f"Nobody could book so far ahead: write a notice of at most {most}."


def _policy(spec: SpaceSpec) -> Iterator[Fault]:
    tiers = (spec.booking.cancellation if spec.booking else None) or []
    for minutes in _repeated(tier.before_minutes for tier in tiers):
        yield "booking.cancellation", f"Two tiers begin {minutes} minutes before the start."
    ordered = sorted(tiers, key=lambda tier: tier.before_minutes)
    if any(later.refund_percent > earlier.refund_percent for later, earlier in pairwise(ordered)):
        yield "booking.cancellation", "An earlier cancellation refunds at least as much as a later one."
