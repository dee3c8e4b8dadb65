"""What was found becomes an offer within the contract's bounds, terms are read, kinds are guessed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mesto.contracts.offers import Offer
from mesto.contracts.scraping import DeclaredCity, Defaults
from mesto.spiders.normalise import RawOffer, kind_of, offer_of
from mesto.spiders.places import city_of, position_of
from mesto.spiders.terms import terms_of

SEEN = datetime(2026, 3, 1, 10, tzinfo=UTC)
MOSCOW = Defaults(city="moscow", currency="RUB")


def made(**parts: object) -> Offer | None:
    return offer_of(RawOffer(**parts), MOSCOW, SEEN)  # type: ignore[arg-type]


def test_an_offer_holds_what_was_found() -> None:
    offer = made(
        name="  Переговорная\n на 6 мест ",
        url="https://rival.example.org/6",
        address="Арбат, 1",
        price="1 200 ₽/час",
        terms="Минимум 2 часа",
        amenities=["Wi-Fi, кофе; проектор"],
    )
    assert offer is not None
    assert (offer.name, offer.kind, offer.city) == ("Переговорная на 6 мест", "meeting_room", "moscow")
    assert offer.price is not None
    assert offer.price.per == "hour"
    assert offer.price_text == "1 200 ₽/час"
    assert offer.amenities == ["Wi-Fi", "кофе", "проектор"]
    assert offer.terms.min_duration_minutes == 120


def test_without_a_name_there_is_no_offer() -> None:
    assert made(name=" \n\x00 ", price="450 ₽/час") is None


def test_a_price_without_a_unit_keeps_its_text() -> None:
    offer = made(name="Desk", price="450", currency="EUR")
    assert offer is not None
    assert (offer.price, offer.price_text) == (None, "450 EUR")


def test_what_the_contract_cannot_hold_is_cut_or_left_out() -> None:
    offer = made(
        name="x" * 999,
        url="javascript:alert(1)",
        address="a\x00b\ud800c" * 999,
        price="9" * 3000,
        amenities=[f"{number}" * 60 for number in range(200)],
        listed=True,
    )
    assert offer is not None
    assert (len(offer.name), offer.url, offer.price) == (300, None, None)
    assert offer.address is not None
    assert "\x00" not in offer.address
    assert "\ud800" not in offer.address
    assert len(offer.amenities) == 50
    Offer.model_validate_json(offer.model_dump_json())


@given(st.builds(RawOffer, *[st.text(max_size=80)] * 8, st.lists(st.text(max_size=20), max_size=5), st.booleans()))
def test_any_texts_are_an_offer_of_the_contract_or_none(found: RawOffer) -> None:
    offer = offer_of(found, MOSCOW, SEEN)
    if offer is not None:
        assert Offer.model_validate_json(offer.model_dump_json()) == offer


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Переговорная «Север»", "meeting_room"),
        ("Meeting room for 8", "meeting_room"),
        ("Незакреплённое рабочее место", "hot_desk"),
        ("Закреплённое место", "dedicated_desk"),
        ("Dedicated Desk", "dedicated_desk"),
        ("Hot desk", "hot_desk"),
        ("Coworking Space", "hot_desk"),
        ("Private Office", "office"),
        ("Кабинет на 4", "office"),
        ("Зал для мероприятий", "event_space"),
        ("Virtual Office", None),
        ("Чистые пруды", None),
    ],
)
def test_the_kind_is_guessed_from_the_name(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


CITIES = [
    DeclaredCity.model_validate(city)
    for city in (
        {"slug": "moscow", "names": ["Москва", "Moscow"], "center": {"latitude": 55.7558, "longitude": 37.6173}},
        {"slug": "saint-petersburg", "names": ["Санкт-Петербург", "Saint Petersburg", "Северная столица"]},
        {"slug": "orel", "names": ["Орёл"]},
        {"slug": "springfield-1", "names": ["Springfield"]},
        {"slug": "springfield-2", "names": ["Springfield"]},
    )
]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("moscow", "moscow"),
        ("Москва", "moscow"),
        ("г. Москва", "moscow"),
        ("Г.МОСКВА", "moscow"),
        ("город Москва", "moscow"),
        ("Москва г.", "moscow"),
        ("City of Moscow", "moscow"),
        ("СПб", "saint-petersburg"),
        ("С.-Петербург", "saint-petersburg"),
        ("г. Санкт-Петербург", "saint-petersburg"),
        ("St. Petersburg", "saint-petersburg"),
        ("северная столица", "saint-petersburg"),
        ("Орел", "orel"),
        ("Springfield", None),
        ("Казань", None),
        ("Московская область", None),
        ("Moscow, Idaho", None),
        ("New York", None),
        ("", None),
    ],
)
def test_a_city_is_a_declared_one_or_none(text: str, slug: str | None) -> None:
    assert city_of(text, CITIES) == slug


@pytest.mark.parametrize(("said", "city"), [("", "moscow"), ("Казань", None), (" СПб ", "saint-petersburg")])
def test_the_default_city_is_for_offers_that_say_none(said: str, city: str | None) -> None:
    offer = offer_of(RawOffer(name="Desk", city=said), MOSCOW, SEEN, CITIES)
    assert offer is not None
    assert offer.city == city


@pytest.mark.parametrize(
    ("latitude", "longitude", "good"),
    [
        ("55.75", "37.6", True),
        ("55,75", "37,6", True),
        ("37.6", "55.75", False),  # swapped
        ("0", "0", False),
        ("55.75", "", False),
        ("91", "37.6", False),
        ("55.75 N", "37.6 E", False),
        ("NaN", "37.6", False),
        ("59.93", "30.33", False),  # another city's
    ],
)
def test_a_position_is_one_that_can_be_true(latitude: str, longitude: str, good: bool) -> None:
    assert (position_of(latitude, longitude, "moscow", CITIES) is not None) == good


def test_an_offer_has_its_position() -> None:
    offer = made(name="Desk", latitude="55.75", longitude="37.6")
    assert offer is not None
    assert offer.location is not None
    assert (offer.location.latitude, offer.location.longitude) == (55.75, 37.6)


@pytest.mark.parametrize(
    ("machine", "language", "amount"), [(True, "es", "1.25"), (False, "es", "1250.00"), (False, "", None)]
)
def test_a_programs_price_has_a_dot_and_a_persons_is_read_by_its_language(
    machine: bool, language: str, amount: str | None
) -> None:
    found = RawOffer(name="Desk", price="1.250", currency="EUR", per="MON", machine=machine, language=language)
    offer = offer_of(found, Defaults(), SEEN)
    assert offer is not None
    assert (offer.price and str(offer.price.amount)) == amount
    assert offer.price_text == "1.250 EUR / MON"


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("Минимальный срок аренды — 3 месяца", "min_duration_minutes", 129_600),
        ("Бронь от 2 часов", "min_duration_minutes", 120),
        ("Аренда от 1,5 часа", "min_duration_minutes", 90),
        ("Minimum booking: 1 hour", "min_duration_minutes", 60),
        ("at least two hours", "min_duration_minutes", 120),
        ("Min. term 1 month", "min_duration_minutes", 43_200),
        ("Бронирование за 24 часа", "notice_minutes", 1440),
        ("30 days' notice", "notice_minutes", 43_200),
        ("book 2 hours in advance", "notice_minutes", 120),
        ("Бесплатная отмена за 2 дня", "cancellation_hours", 48),
        ("Free cancellation up to 24 hours before", "cancellation_hours", 24),
        ("Minimum 30 years", "min_duration_minutes", None),
    ],
)
def test_terms_are_read_from_sentences(text: str, field: str, value: int | None) -> None:
    terms = terms_of(text).model_dump()
    assert terms.pop(field) == value
    assert set(terms.values()) == {None}


def test_several_terms_stand_in_one_text() -> None:
    terms = terms_of("Минимум 2 часа, отмена за 24 часа. Депозит 5 000 ₽")
    assert (terms.min_duration_minutes, terms.cancellation_hours) == (120, 24)
    assert terms.deposit is not None
    assert (str(terms.deposit.amount), terms.deposit.currency) == ("5000.00", "RUB")
