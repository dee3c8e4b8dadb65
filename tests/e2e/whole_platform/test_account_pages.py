"""Accounts by the browser and the mailbox alone: a forgotten password, sessions, another address; a hold that waits."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import yaml
from playwright.sync_api import Page, expect
from support.clients.axe import bring_axe, faults
from support.clients.browser import page_of, take_screenshot
from support.clients.people import PASSWORD, Person, day_from_now, register, sign_in
from support.clients.spaces import declare, space
from support.servers.platform import Platform
from support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("browser")]
NEW_PASSWORD = f"{PASSWORD}-neu"
HEIGHTS = {1440: 900, 390: 844}


def fresh_address(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:10]}@example.org"


def mailed(platform: Platform, address: str, page: str) -> str:
    """The newest link to a page that an address was sent."""
    return eventually(lambda: platform.mailbox.links(address, page), f"a link to {page} for {address}")[-1]


class Look:
    """A page that is looked at on the way: axe finds nothing, nothing is cut off, in light and dark."""

    def __init__(self, page: Page, language: str, width: int) -> None:
        self.page, self.language, self.width = page, language, width
        bring_axe(page)

    def at(self, name: str) -> None:
        take_screenshot(self.page, f"account-{name}-{self.language}-{self.width}")
        assert not faults(self.page, self.width, dark=True), name


def sign_in_by_page(page: Page, email: str, password: str) -> None:
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("account-menu")).to_be_visible()


def recover(platform: Platform, look: Look, email: str) -> None:
    """From the sign-in page by the mailed link to a new password, with which one is signed in."""
    page = look.page
    page.goto(f"{platform.gateway}/login?lang={look.language}")
    expect(page.get_by_test_id("remember")).to_be_visible()
    look.at("login")
    page.get_by_test_id("forgotten").click()
    expect(page.get_by_test_id("recover-ask")).to_be_visible()
    page.locator("input[name=email]").fill(email)
    page.get_by_test_id("recover-submit").click()
    expect(page.get_by_role("status").filter(has_text=email)).to_be_visible()
    look.at("recover")
    page.goto(mailed(platform, email, "recover"))
    expect(page.get_by_test_id("recover-set")).to_be_visible()
    expect(page).not_to_have_url(re.compile("token"))
    page.locator("input[name=new-password]").fill(NEW_PASSWORD)
    page.locator("input[name=repeated-password]").fill(NEW_PASSWORD)
    expect(page.get_by_test_id("strength")).to_be_visible()
    look.at("recover-set")
    page.get_by_test_id("recover-set-submit").click()
    expect(page.get_by_test_id("recover-done")).to_be_visible()
    page.get_by_test_id("recover-done").get_by_role("link").click()
    expect(page.get_by_test_id("login-submit")).to_be_visible()
    sign_in_by_page(page, email, NEW_PASSWORD)


def end_the_other_session(look: Look, other: Person) -> None:
    """The other device is in the list, is ended after the dialog has said what that means, and is refused then."""
    page = look.page
    page.get_by_test_id("account-menu").click()
    page.get_by_test_id("menu-security").click()
    expect(page.get_by_test_id("item")).to_have_count(2)
    look.at("security")
    page.get_by_test_id("end-session").click()
    expect(page.get_by_test_id("consequence")).to_be_visible()
    look.at("end-session")
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("item")).to_have_count(1)
    expect(page.get_by_test_id("only-here")).to_be_visible()
    eventually(lambda: other.http.get("/api/auth/me").status_code == 401, "the ended session is refused")


def change_address(platform: Platform, look: Look, old: str, new: str) -> None:
    """The change waits until its link is opened, which is done on another device; this page then says so."""
    page = look.page
    page.get_by_test_id("rail-profile").click()
    page.get_by_test_id("change-email").click()
    page.locator("input[name=new-email]").fill(new)
    look.at("new-email")
    page.get_by_test_id("new-email-submit").click()
    expect(page.get_by_test_id("row-pending")).to_contain_text(new)
    expect(page.get_by_test_id("row-email")).to_contain_text(old)
    look.at("pending-email")
    with page_of(look.language, look.width, HEIGHTS[look.width]) as elsewhere:
        elsewhere.goto(mailed(platform, new, "confirm-email"))
        expect(elsewhere.get_by_test_id("confirm-email-done")).to_be_visible()
        take_screenshot(elsewhere, f"account-confirmed-{look.language}-{look.width}")
    page.evaluate("window.dispatchEvent(new Event('focus'))")  # who comes back from another window
    expect(page.get_by_test_id("row-email")).to_contain_text(new)
    expect(page.get_by_test_id("row-pending")).to_have_count(0)


def undo_the_change(platform: Platform, look: Look, old: str) -> None:
    """The former address takes the change back, on another device; here one is led to sign in, and told why."""
    with page_of(look.language, look.width, HEIGHTS[look.width]) as elsewhere:
        there = Look(elsewhere, look.language, look.width)
        elsewhere.goto(mailed(platform, old, "undo-email"))
        expect(elsewhere.get_by_test_id("undo-email-submit")).to_be_visible()
        there.at("undo-email")
        elsewhere.get_by_test_id("undo-email-submit").click()
        expect(elsewhere.get_by_test_id("undo-email-done")).to_be_visible()
    page = look.page
    page.get_by_test_id("rail-security").click()
    expect(page).to_have_url(re.compile(r"/login\?.*expired=1"))
    expect(page.get_by_role("status").first).to_be_visible()
    look.at("ended-elsewhere")


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_password_is_recovered_sessions_end_and_an_address_is_changed_and_taken_back(
    platform: Platform, language: str, width: int
) -> None:
    person = register(platform.gateway, language=language, email=fresh_address("anna"))
    old, new = person.email, fresh_address("anna-new")
    with page_of(language, width, HEIGHTS[width]) as page:
        look = Look(page, language, width)
        recover(platform, look, old)
        eventually(lambda: person.http.get("/api/auth/me").status_code == 401, "recovery has ended the session before")
        sign_in(person, NEW_PASSWORD)
        end_the_other_session(look, person)
        change_address(platform, look, old, new)
        undo_the_change(platform, look, old)


@contextmanager
def verification_required(platform: Platform) -> Iterator[None]:
    """While inside, nobody signs in by an address that is not verified: services follow the policy's file."""
    path = platform.folder / "policy.yaml"
    before = path.read_text()
    document = yaml.safe_load(before)
    document["spec"]["auth"]["requireVerifiedEmail"] = True
    stranger = register(platform.gateway)

    def status() -> int:
        body = {"email": stranger.email, "password": PASSWORD}
        return httpx.post(f"{platform.gateway}/api/auth/login", json=body, timeout=15).status_code

    path.write_text(yaml.safe_dump(document, allow_unicode=True))
    try:
        eventually(lambda: status() == 403, "the policy is followed")
        yield
    finally:
        path.write_text(before)
        eventually(lambda: status() == 200, "the policy of before is followed")


@pytest.mark.parametrize(("language", "width"), [("ru", 390), ("en", 1440)])
def test_a_place_is_taken_once_the_address_is_verified_on_any_device(
    platform: Platform, language: str, width: int
) -> None:
    slug = f"waiting-{language}"
    declare(platform, platform.namespace(slug), space(slug))
    email, day = fresh_address("vera"), day_from_now(4)
    with page_of(language, width, HEIGHTS[width]) as page, verification_required(platform):
        look = Look(page, language, width)
        page.goto(f"{platform.gateway}/spaces/{slug}?lang={language}&date={day}")
        if width == 390:
            page.get_by_test_id("open-panel").click()
        page.get_by_test_id("slot-1200").click()
        page.get_by_test_id("book-button").click()
        expect(page.get_by_test_id("login-submit")).to_be_visible()
        page.locator("a[href^='/register']").click()
        page.locator("input[name=name]").fill("Vera")
        page.locator("input[name=email]").fill(email)
        page.locator("input[type=password]").fill(PASSWORD)
        page.get_by_test_id("register-submit").click()
        expect(page.get_by_test_id("verify-wait")).to_contain_text(email)
        look.at("wait")
        token = mailed(platform, email, "verify").partition("token=")[2]
        elsewhere = httpx.post(f"{platform.gateway}/api/auth/verify", json={"token": token}, timeout=15)
        assert elsewhere.status_code == 204, elsewhere.text
        expect(page.get_by_test_id("booking-status")).to_have_attribute("data-status", "held")
