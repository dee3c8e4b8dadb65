"""The chart as its profiles render it."""

from __future__ import annotations

import pytest
from support.chart import (
    PRODUCTION,
    TRIAL,
    Manifest,
    render,
)

PROFILES = {"trial": TRIAL, "production": PRODUCTION}


@pytest.fixture(scope="module", params=PROFILES)
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    return render(*PROFILES[request.param])


@pytest.fixture(scope="module")
def trial() -> list[Manifest]:
    return render(*TRIAL)


@pytest.fixture(scope="module")
def production() -> list[Manifest]:
    return render(*PRODUCTION)
