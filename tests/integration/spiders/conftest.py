"""A rival's site on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.fakes.site import Site


@pytest.fixture
def site() -> Iterator[Site]:
    """Without pages."""
    site = Site()
    yield site
    site.close()
