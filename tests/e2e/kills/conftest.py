"""One installation for all files of this folder, which one worker runs one after another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.kills.installation import Installation, installation


@pytest.fixture(scope="package")
def running() -> Iterator[Installation]:
    """A whole installation whose processes may be killed, on durable servers of its own. Tests leave it at rest."""
    with installation() as made:
        yield made
