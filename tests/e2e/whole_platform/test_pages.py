"""Every page of the app: fits a narrow phone, is found whole by axe, and takes the keyboard along."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from mestolocal.paths import REPO
from playwright.sync_api import Page, expect
from support.clients.axe import bring_axe, faults
from support.clients.browser import page_of, take_screenshot
from support.clients.people import PASSWORD, Person, book, day_from_now, pay, register
from support.clients.spaces import declare, space
from support.servers.platform import Platform
from support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("browser")]

NARROW = 320
# Whether whoever uses the keyboard sees where they are: an outline, or the edge of a field that is strong now.
FOCUS = """() => {
  const on = document.activeElement
  if (!on || on === document.body) return ''
  const field = on.closest('.v-field--focused:not(.v-field--variant-plain)')
  const around = [on, on.closest('.v-field'), on.closest('.v-selection-control__input')].filter(Boolean)
  const styles = [...around.map((one) => getComputedStyle(one)), getComputedStyle(on, '::after')]
  const outlined = styles.some((style) => {
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && style.opacity !== '0'
  })
  return field || outlined ? '' : on.outerHTML.slice(0, 200)
}"""


@dataclass
class Visit:
    """Pages as one person sees them: address by name, and what shows that a page is there."""

    platform: Platform
    person: Person
    slug: str
    day: str
    link: str
    held: str
    confirmed: str

    def pages(self) -> Iterator[tuple[str, str, str]]:
        """Name, address and the selector of what comes last."""
        yield "search", "/?city=moscow", "[data-testid=space-card]"
        yield "space", f"/spaces/{self.slug}", "[data-testid=space-page]"
        yield "panel", f"/spaces/{self.slug}?start=chosen&date={self.day}", "[data-testid=slots]"
        yield "no-space", "/spaces/there-is-none-of-this-name", "[data-testid=empty]"
        yield "held", f"/bookings/{self.held}", "[data-testid=hold-countdown]"
        yield "confirmed", f"/bookings/{self.confirmed}", "[data-testid=booking-status]"
        yield "bookings", "/bookings", "[data-testid=booking-card]"
        yield "profile", "/account/profile", "[data-testid=row-email]"
        yield "security", "/account/security", "[data-testid=item]"
        yield "recover", "/recover", "[data-testid=ask-form]"
        yield "recover-set", "/recover?token=bad", "[data-testid=set-form]"
        yield "confirm-email", "/confirm-email?token=bad", "[data-testid=confirm-email-unknown]"
        yield "undo-email", "/undo-email?token=bad", "[data-testid=undo-email-submit]"
        yield "login", "/login", "[data-testid=login-submit]"
        yield "register", "/register", "[data-testid=register-submit]"
        yield "verify", "/verify", "[data-testid=verify-unknown]"  # before the link: its address then knows it
        yield "verify-good", self.link, "[data-testid=verify-done], [data-testid=verify-used]"
        yield "verify-bad", "/verify?token=bad", "[data-testid=verify-unknown]"
        yield "not-found", "/no/such/page", "[data-testid=empty]"


@pytest.fixture(scope="module")
def visit(platform: Platform) -> Visit:
    namespace, name = platform.namespace("pages"), "pages-loft"
    terms = {
        "booking": {
            "approval": "Instant",
            "holdMinutes": 15,
            "cancellation": [{"before": "24h", "refundPercent": 100}],
        }
    }
    # With stops around it: names of stations and lines are long, in Latin letters above all.
    stops = str(REPO / "examples" / "geo" / "moscow-stops.geojson")
    platform.mesto("geo", "load", stops, "--city", "moscow", "--type", "stops", "--name", "pages-stops")
    declare(platform, namespace, space(name, **terms))
    found: dict[str, Any] = httpx.get(f"{platform.gateway}/api/catalog/spaces/{name}", timeout=15).json()
    assert found["transit"], found
    person, day = register(platform.gateway), day_from_now(6)
    made = []
    for hour in (10, 12):
        start, end = (f"{day}T{at}:00:00+03:00" for at in (hour, hour + 1))
        answer = book(person, found["resources"][0]["id"], start, end)
        assert answer.status_code == 201, answer.text
        made.append(answer.json()["id"])
    assert pay(person, made[1]).status_code == 200
    [link] = eventually(lambda: platform.mailbox.links(person.email), f"a link to {person.email}")
    return Visit(platform, person, name, day, link.removeprefix(platform.gateway), *made)


def sign_in(page: Page, gateway: str, email: str) -> None:
    page.goto(f"{gateway}/login")
    page.locator("input[name=email]").fill(email)
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("account-menu")).to_be_visible()


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_page_fits_a_narrow_phone_and_is_read_by_everybody(visit: Visit, language: str) -> None:
    found: dict[str, list[str]] = {}
    with page_of(language, NARROW, 640) as page:
        bring_axe(page)
        sign_in(page, visit.platform.gateway, visit.person.email)
        for name, address, there in visit.pages():
            mark = "&" if "?" in address else "?"
            page.goto(f"{visit.platform.gateway}{address}{mark}lang={language}")
            expect(page.locator(there).first).to_be_visible(timeout=20_000)
            take_screenshot(page, f"{language}-narrow-{name}")
            if wrong := faults(page, NARROW, dark=language == "ru"):  # colours are the same in both
                found[name] = wrong
    assert not found, json.dumps(found, indent=1, ensure_ascii=False)


def unseen(page: Page, stops: int) -> list[str]:
    """What gets the focus within so many presses of Tab and does not show it."""
    found = []
    for _ in range(stops):
        page.keyboard.press("Tab")
        found.append(page.evaluate(FOCUS))
    return [flaw for flaw in found if flaw]


def test_the_keyboard_goes_along_to_new_pages_and_back_from_what_was_opened(visit: Visit) -> None:
    def on(page: Page, selector: str) -> None:
        expect(page.locator(f"{selector}:focus")).to_have_count(1)

    with page_of("en-GB", 1440) as page:
        sign_in(page, visit.platform.gateway, visit.person.email)
        page.goto(f"{visit.platform.gateway}/?city=moscow")
        expect(page.get_by_test_id("space-card").first).to_be_visible()
        assert not unseen(page, 14)
        page.get_by_test_id("filter-kind").press("Enter")
        expect(page.get_by_role("radio").first).to_be_visible()
        page.keyboard.press("ArrowDown")
        expect(page.locator(".v-overlay__content :focus")).to_have_count(1)
        assert not page.evaluate(FOCUS)
        page.keyboard.press("Escape")
        on(page, "[data-testid=filter-kind]")
        page.locator(f"[data-slug={visit.slug}]").get_by_role("link").first.press("Enter")
        expect(page).to_have_url(re.compile(f"/spaces/{visit.slug}"))
        on(page, "h1")
        page.get_by_test_id("my-bookings").press("Enter")
        on(page, "h1")
        page.get_by_test_id("account-menu").press("Enter")
        page.keyboard.press("Escape")
        on(page, "[data-testid=account-menu]")
        page.get_by_test_id("cancel-booking").first.press("Enter")
        expect(page.get_by_test_id("confirm-dialog")).to_be_visible()
        page.keyboard.press("Escape")
        on(page, "[data-testid=cancel-booking]")
        page.goto(f"{visit.platform.gateway}/spaces/no-{uuid.uuid4().hex[:6]}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.get_by_role("banner").get_by_role("link").first.press("Enter")
        expect(page.get_by_test_id("space-card").first).to_be_visible()
        on(page, "h1")
