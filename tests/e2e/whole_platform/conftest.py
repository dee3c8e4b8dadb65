"""One platform and one browser for all files of this folder, which one worker runs one after another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.clients.browser import one_browser
from support.servers.platform import Platform, Platforms


@pytest.fixture(scope="package")
def platform() -> Iterator[Platform]:
    """A whole platform with the single-page app, on servers of its own; a test starts again what it stops."""
    platforms = Platforms()
    yield platforms.make(frontend=True)
    platforms.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[None]:
    """One browser for the pages of all tests that ask for it; each page is a stranger to the others."""
    with one_browser():
        yield
