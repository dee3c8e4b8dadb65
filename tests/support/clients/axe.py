"""What is wrong with a page as it stands in the browser: found by axe, too wide, cut off, its colours in the dark."""

from __future__ import annotations

import re

from mestolocal.builds import frontend_dependencies
from playwright.sync_api import Page, expect

LOOK = """async () => {
  const rules = { 'color-contrast': { enabled: true } }
  const found = await axe.run(document, { resultTypes: ['violations'], rules })
  const grave = found.violations.filter((one) => ['serious', 'critical'].includes(one.impact))
  return grave.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`))
}"""
CONTRAST = LOOK.replace("{ resultTypes", "{ runOnly: ['color-contrast'], resultTypes")
# A new theme's colours go down the tree by transitions, which begin level by level: until none does.
CALM = """async () => {
  for (let frame = 0, calm = 0; frame < 300 && calm < 5; frame += 1) {
    await new Promise(requestAnimationFrame)
    calm = document.getAnimations().some((one) => one instanceof CSSTransition) ? 0 : calm + 1
  }
}"""
# What is wider than its box and is neither shortened by an ellipsis nor a table that scrolls in its frame.
CUT = """() => [...document.querySelectorAll('main *, header *')].filter((one) => {
  const style = getComputedStyle(one)
  return one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1 && style.display !== 'inline'
    && style.overflowX !== 'visible' && style.textOverflow !== 'ellipsis'
    && !one.querySelector(':scope > table') && !one.closest('.map-view, .v-field, .v-btn')
}).map((one) => one.outerHTML.slice(0, 200))"""


def bring_axe(page: Page) -> None:
    """Let every page that is opened from here on know axe; not by a tag, for pages let no scripts of others in."""
    page.add_init_script((frontend_dependencies() / "node_modules/axe-core/axe.min.js").read_text())


def faults(page: Page, width: int, *, dark: bool) -> list[str]:
    """What is wrong with the page that is open: too wide, cut off, or found by axe, its colours in `dark` too."""
    wide = page.evaluate("document.scrollingElement.scrollWidth")
    found = [f"{wide} pixels wide"] if wide > width else []
    found += [f"cut off: {flaw}" for flaw in page.evaluate(CUT)]
    found += page.evaluate(LOOK)
    if not dark:
        return found
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".v-application")).to_have_class(re.compile("v-theme--dark"))
    page.evaluate(CALM)
    found += [f"dark, {flaw}" for flaw in page.evaluate(CONTRAST)]
    page.emulate_media(color_scheme="light")
    expect(page.locator(".v-application")).to_have_class(re.compile("v-theme--light"))
    page.evaluate(CALM)
    return found
