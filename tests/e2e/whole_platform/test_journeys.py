"""The whole main job by kubectl and the browser alone: in Russian on a desk, in English on a phone."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Page, expect
from support.clients.browser import page_of, take_screenshot
from support.clients.people import PASSWORD, day_from_now
from support.clients.spaces import declare, space
from support.servers.platform import Platform
from support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("browser")]


def choose_time(page: Page, first: str, last: str) -> None:
    page.get_by_test_id("date").locator("input").fill(day_from_now(5))
    page.get_by_test_id(f"slot-{first}").click()
    page.get_by_test_id(f"slot-{last}").click()


def sign_up(page: Page, name: str, email: str) -> None:
    """From the sign-in page on, as somebody without an account; weak input is refused on the way."""
    expect(page.get_by_test_id("login-submit")).to_be_visible()
    page.locator("a[href^='/register']").click()
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=email]").fill("not an address")
    page.locator("input[name=phone]").fill("12")
    page.locator("input[type=password]").fill("1234567890")
    page.get_by_test_id("register-submit").click()
    expect(page.locator(".v-messages__message")).to_have_count(3)
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=phone]").fill("+7 495 123-45-67")
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_test_id("register-submit").click()


def hold_as_a_stranger(page: Page, name: str, email: str, total: str) -> None:
    """Asks for what is chosen: the choice survives the way through registration, after which it is held at once."""
    expect(page.get_by_test_id("total")).to_contain_text(total)
    page.get_by_test_id("book-button").click()
    sign_up(page, name, email)
    expect(page.get_by_test_id("booking-status")).to_have_attribute("data-status", "held")


def read_mail(platform: Platform, page: Page, email: str, subject: str) -> None:
    """The mail lies in the local mailbox, as its page shows it."""
    mail = eventually(lambda: platform.mailbox.of_bookings(email), f"a mail to {email}")
    assert subject in mail[0].subject
    page.goto(platform.mailbox.url)
    expect(page.get_by_text(subject).first).to_be_visible()


def test_the_main_job_in_russian(platform: Platform) -> None:
    namespace, name = platform.namespace("journey-ru"), "journey-loft"
    manifest = space(name, title={"ru": "Лофт у Покровки", "en": "Pokrovka Loft"})
    declare(platform, namespace, manifest)
    email = f"anna-{uuid.uuid4().hex[:8]}@example.org"
    with page_of("ru-RU", 1440) as page:
        page.goto(f"{platform.gateway}/?city=moscow")
        card = page.locator(f"[data-testid=space-card][data-slug={name}]")
        expect(card).to_contain_text("Лофт у Покровки")
        expect(card).to_contain_text("250")
        expect(page.get_by_test_id("results")).to_contain_text(re.compile(r"мест"))
        take_screenshot(page, "ru-search")
        card.get_by_role("link").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Лофт у Покровки")
        choose_time(page, "1000", "1100")
        expect(page.get_by_test_id("total")).to_contain_text("500")
        take_screenshot(page, "ru-space")
        hold_as_a_stranger(page, "Анна", email, "500")
        expect(page.get_by_test_id("hold-countdown")).to_contain_text(re.compile(r"1[45]:\d\d"))
        take_screenshot(page, "ru-pay")
        page.get_by_test_id("pay-succeed").click()
        expect(page.get_by_test_id("booking-status")).to_have_attribute("data-status", "confirmed")
        expect(page.get_by_test_id("booking-status")).to_have_text("Подтверждено")
        take_screenshot(page, "ru-confirmed")
        page.get_by_test_id("my-bookings").click()
        expect(page.get_by_test_id("booking-card")).to_contain_text("Лофт у Покровки")
        take_screenshot(page, "ru-bookings")

        # The platform team renames the space and raises its price; the page follows.
        resource = manifest["spec"]["resources"][0] | {
            "prices": [{"per": "Hour", "amount": "300.00", "currency": "RUB"}]
        }
        declare(platform, namespace, space(name, title={"ru": "Лофт на Покровке"}, resources=[resource]))
        page.goto(f"{platform.gateway}/spaces/{name}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Лофт на Покровке")
        expect(page.get_by_test_id("prices")).to_contain_text("300")
        read_mail(platform, page, email, "Лофт у Покровки")
        take_screenshot(page, "ru-mail")


def test_the_main_job_in_english_on_a_phone(platform: Platform) -> None:
    namespace, name = platform.namespace("journey-en"), "journey-attic"
    declare(platform, namespace, space(name, title={"ru": "Чердак", "en": "The Attic"}))
    email = f"ben-{uuid.uuid4().hex[:8]}@example.org"
    with page_of("en-GB", 390, 844, zone="Europe/London") as page:
        page.goto(f"{platform.gateway}/?city=moscow")
        card = page.locator(f"[data-testid=space-card][data-slug={name}]")
        expect(card).to_contain_text("The Attic")
        take_screenshot(page, "en-phone-search")
        page.get_by_test_id("filters").click()
        expect(page.get_by_test_id("show-places")).to_contain_text("place")
        take_screenshot(page, "en-phone-filters")
        page.get_by_test_id("show-places").click()
        card.get_by_role("link").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("The Attic")
        take_screenshot(page, "en-phone-space")
        page.get_by_test_id("open-panel").click()
        choose_time(page, "1200", "1300")
        take_screenshot(page, "en-phone-slots")
        hold_as_a_stranger(page, "Ben", email, "500")
        take_screenshot(page, "en-phone-pay")
        page.get_by_test_id("pay-fail").click()
        expect(page.get_by_test_id("booking-status")).to_have_attribute("data-status", "held")
        page.get_by_test_id("pay-succeed").click()
        expect(page.get_by_test_id("booking-status")).to_have_attribute("data-status", "confirmed")
        take_screenshot(page, "en-phone-confirmed")
        page.get_by_test_id("cancel-booking").click()
        expect(page.get_by_test_id("consequence")).to_contain_text("500")
        take_screenshot(page, "en-phone-cancel")
        page.get_by_test_id("confirm").click()
        expect(page.get_by_test_id("booking-status")).to_have_attribute("data-status", "cancelled")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"the page is {width} pixels wide on a phone of 390"
        read_mail(platform, page, email, "The Attic")


@pytest.fixture(scope="module")
def many_rooms(platform: Platform) -> int:
    """So many meeting rooms that their list is longer than any screen; their number."""
    namespace = platform.namespace("journey-many")
    room = space("x")["spec"]["resources"][0] | {"kind": "MeetingRoom"}
    spaces = [space(f"room-{number:02}", title={"en": f"Room {number:02}"}, resources=[room]) for number in range(14)]
    declare(platform, namespace, *spaces)
    return len(spaces)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_back_forward_and_reload_keep_the_list_its_filters_and_the_place_in_it(
    platform: Platform, many_rooms: int, width: int, height: int
) -> None:
    def at(page: Page, offset: int) -> None:
        # Scrolled to the same card; a few pixels may differ where text is laid out anew.
        page.wait_for_function("y => Math.abs(window.scrollY - y) < 40", arg=offset)
        expect(page.get_by_test_id("space-card")).to_have_count(many_rooms)
        assert "kind=meeting_room" in page.url

    with page_of("en-GB", width, height) as page:
        page.goto(f"{platform.gateway}/?city=moscow&kind=meeting_room")
        cards = page.get_by_test_id("space-card")
        expect(cards).to_have_count(many_rooms)
        card = cards.nth(many_rooms // 2)  # whichever: the operator declares several at once
        name = card.get_by_role("heading").inner_text()
        card.scroll_into_view_if_needed()
        scrolled = page.evaluate("window.scrollY")
        assert scrolled > 200
        card.get_by_role("link").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        page.go_back()
        at(page, scrolled)
        page.go_forward()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        page.get_by_test_id("back-to-list").click()
        at(page, scrolled)
        page.reload()
        at(page, scrolled)
        take_screenshot(page, f"back-{width}")
