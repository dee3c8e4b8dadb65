"""What the platform says of itself: from a ConfigMap to the pages, the footer, the form and what is asked again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import yaml
from mestolocal.paths import REPO
from mestolocal.policy import without_limits
from playwright.sync_api import Page, expect
from support.clients.axe import bring_axe, faults
from support.clients.browser import page_of, take_screenshot
from support.clients.people import PASSWORD
from support.servers.platform import Platform
from support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("browser")]

PAGES = ("help", "terms", "privacy", "owner-terms", "about")
AGREED = ("terms", "privacy")
Manifest = dict[str, Any]


def shown(platform: Platform) -> dict[str, str]:
    """The versions that auth shows, by name."""
    answer = httpx.get(f"{platform.gateway}/api/auth/texts", timeout=15)
    return {text["name"]: text["version"] for text in answer.json()["items"]}


def config_map(**changes: str) -> Manifest:
    """The demo's texts, as `kubectl apply -k examples/texts/` makes them of the files."""
    folder = REPO / "examples" / "texts"
    data = {file.name: file.read_text("utf-8") for file in folder.glob("*.md")} | changes
    metadata = {"name": "mesto-texts", "namespace": "mesto"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


@pytest.fixture(scope="module")
def told(platform: Platform) -> Iterator[Platform]:
    """The platform with the demo's texts; those that follow find it without any."""
    policy = yaml.safe_load(without_limits(platform.folder).read_text("utf-8"))
    platform.kubectl("apply", "--server-side", "-k", str(REPO / "examples" / "texts"))
    platform.apply("mesto", policy)
    eventually(lambda: len(shown(platform)) == len(PAGES), "auth shows the demo's texts")
    yield platform
    del policy["spec"]["texts"]
    platform.apply("mesto", policy)
    eventually(lambda: not shown(platform), "auth shows no text")
    platform.delete("mpc", "default", "mesto")


def fill(page: Page, email: str) -> None:
    page.locator("input[name=name]").fill("Анна")
    page.locator("input[name=email]").fill(email)
    page.locator("input[type=password]").fill(PASSWORD)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("width", [320, 390, 1440])
def test_every_text_reads_well_and_is_read_by_everybody(told: Platform, language: str, width: int) -> None:
    found: dict[str, list[str]] = {}
    with page_of(language, width) as page:
        bring_axe(page)
        for name in PAGES:
            page.goto(f"{told.gateway}/{name}?lang={language}")
            expect(page.get_by_test_id("text-body")).to_be_visible()
            expect(page.get_by_role("heading", level=1)).to_have_count(1)
            expect(page.get_by_test_id("footer-texts").get_by_role("link")).to_have_count(len(PAGES))
            take_screenshot(page, f"{language}-{width}-text-{name}")
            if wrong := faults(page, width, dark=language == "ru"):
                found[name] = wrong
        page.goto(f"{told.gateway}/register?lang={language}")
        expect(page.get_by_role("checkbox")).to_have_count(len(AGREED))
        page.get_by_test_id("register-submit").click()
        expect(page.get_by_test_id("agree-terms")).to_have_class(re.compile("v-input--error"))
        take_screenshot(page, f"{language}-{width}-register-ticks")
        if wrong := faults(page, width, dark=language == "ru"):
            found["register"] = wrong
    assert not found, json.dumps(found, indent=1, ensure_ascii=False)


@pytest.mark.parametrize(("language", "width"), [("ru", 1440), ("en", 390)])
def test_who_registers_agrees_and_looks_again_when_a_text_has_changed(
    told: Platform, language: str, width: int
) -> None:
    email = f"texts-{language}@example.org"
    before = shown(told)
    with page_of(language, width) as page:
        bring_axe(page)
        page.goto(f"{told.gateway}/register?lang={language}")
        fill(page, email)
        # A text opens beside the form, which stays as it is.
        with page.context.expect_page() as opened:
            page.get_by_test_id("agree-terms").get_by_role("link").click()
        expect(opened.value.get_by_test_id("text-body")).to_be_visible()
        expect(opened.value).to_have_url(re.compile(r"/terms\?lang="))
        opened.value.close()
        for name in AGREED:
            page.get_by_test_id(f"agree-{name}").get_by_role("checkbox").check()
        page.get_by_test_id("register-submit").click()
        expect(page.get_by_test_id("account-menu")).to_be_visible()
        expect(page.get_by_test_id("consent-banner")).to_have_count(0)
        stored = told.sql(
            "SELECT c.text, c.version, c.page FROM auth.consents c JOIN auth.accounts a ON a.id = c.account_id"
            " WHERE a.email = %s ORDER BY c.id",
            email,
        )
        assert stored == [(name, before[name], "/register") for name in AGREED]

        told.apply("mesto", config_map(**{"terms.en.md": f"# Terms of use\n\nAnother edition for {email}.\n"}))
        eventually(lambda: shown(told)["terms"] != before["terms"], "auth shows the new edition")
        now = shown(told)["terms"]
        page.reload()
        banner = page.get_by_test_id("consent-banner")
        expect(banner).to_be_visible()
        take_screenshot(page, f"{language}-{width}-consent-banner")
        assert not faults(page, width, dark=language == "ru")
        banner.get_by_test_id("consent-read").click()
        expect(page).to_have_url(re.compile(f"/terms.*version={now}"))
        expect(page.get_by_test_id("text-edition")).to_contain_text(now)
        page.get_by_test_id("consent-agree").click()
        expect(banner).to_have_count(0)
        page.reload()
        expect(page.get_by_test_id("text-body")).to_be_visible()
        expect(page.get_by_test_id("account-menu")).to_be_visible()
        expect(banner).to_have_count(0)
        page.goto(f"{told.gateway}/terms?version={before['terms']}&lang={language}")
        expect(page.get_by_test_id("text-past")).to_be_visible()
    told.apply("mesto", config_map())
    eventually(lambda: shown(told) == before, "auth shows the demo's own again")


def test_links_within_a_text_stay_in_the_app_and_what_is_not_there_says_so(told: Platform) -> None:
    with page_of("en-GB", 1440) as page:
        page.goto(f"{told.gateway}/help?lang=en")
        page.evaluate("window.sameApp = true")
        page.get_by_test_id("text-body").get_by_role("link", name="Personal data").click()
        expect(page).to_have_url(re.compile(r"/privacy\?lang=en"))
        assert page.evaluate("window.sameApp") is True
        expect(page).to_have_title("Personal data · Mesto")
        page.goto(f"{told.gateway}/help?lang=en#cancelling-and-refunds")
        expect(page.get_by_role("heading", name="Cancelling and refunds")).to_be_in_viewport()
        page.goto(f"{told.gateway}/texts/owner_terms?lang=en")
        expect(page).to_have_url(re.compile(r"/owner-terms\?lang=en"))
        for address in ("/texts/imprint", f"/terms?version={'0' * 12}"):
            page.goto(f"{told.gateway}{address}{'&' if '?' in address else '?'}lang=en")
            expect(page.get_by_test_id("empty")).to_be_visible()
