"""The page of the design system's pieces: each in both languages and themes, wide and narrow."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from support.clients.axe import bring_axe, faults
from support.clients.browser import page_of, take_screenshot
from support.servers.platform import Platform

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("browser")]
ASKED = "sessionStorage.setItem('mesto.pieces', '1')"


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_piece_fits_and_is_read_by_everybody(platform: Platform, language: str, width: int) -> None:
    with page_of(language, width) as page:
        bring_axe(page)
        page.add_init_script(ASKED)
        page.goto(f"{platform.gateway}/dev/ui?lang={language}")
        expect(page.get_by_test_id("pieces")).to_be_visible()
        expect(page.get_by_test_id("footer")).to_be_visible()
        page.get_by_role("heading", name="MapView").scroll_into_view_if_needed()
        expect(page.locator(".map-pin, .map-view .failure").first).to_be_visible()
        take_screenshot(page, f"pieces-{language}-{width}")
        assert not faults(page, width, dark=True)
        page.get_by_test_id("ask").click()
        expect(page.get_by_test_id("confirm-dialog")).to_be_visible()
        assert not faults(page, width, dark=True)
        page.keyboard.press("Escape")
        expect(page.locator("[data-testid=ask]:focus")).to_have_count(1)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("frame", ["owner", "moderator"])
def test_the_frames_of_cabinets_fit_and_are_read_by_everybody(
    platform: Platform, language: str, width: int, frame: str
) -> None:
    with page_of(language, width) as page:
        bring_axe(page)
        page.add_init_script(ASKED)
        page.goto(f"{platform.gateway}/dev/ui/{frame}?lang={language}")
        expect(page.get_by_test_id("pieces")).to_be_visible()
        take_screenshot(page, f"frame-{frame}-{language}-{width}")
        assert not faults(page, width, dark=True)


def test_nobody_comes_across_the_pieces(platform: Platform) -> None:
    with page_of("en", 1440) as page:
        page.goto(f"{platform.gateway}/dev/ui")
        expect(page.get_by_test_id("empty")).to_be_visible()
