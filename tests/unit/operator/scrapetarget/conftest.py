"""Fixtures of these tests."""

from __future__ import annotations

import pytest
from support.fakes.targets import World


@pytest.fixture
def world() -> World:
    """Noon; one target that runs at three in the morning and has been looked at."""
    made = World()
    made.apply()
    made.reconcile()
    return made
