"""Every API asked at random by schemathesis: no 5xx, no answer outside its OpenAPI, each refusal a problem.

``make check-api`` asks more: EXAMPLES=100 requests of each kind for each operation.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.clients import apis
from support.openapi import document
from support.servers.platform import Platform, PlatformFactory

EXAMPLES = int(os.environ.get("MESTO_API_EXAMPLES", "10"))
# Nobody is refused by nearly every operation, and no success is waited for: in a run of all tests a few examples do,
# and every value at the edge of its schema is sent by those whose requests are read.
OF_NOBODY: tuple[int, tuple[str, ...]] = (EXAMPLES, ()) if "MESTO_API_EXAMPLES" in os.environ else (3, ("coverage",))


# Declaring and deleting spaces comes last: bookings need those that were seeded.
RUNS = [
    (service, side, who)
    for service in apis.SERVICES
    for side, known in (("public", "people"), ("internal", "callers"))
    for who in ("nobody", known)
    if document(service, side)["paths"]
]
RUNS.sort(key=lambda run: run == ("catalog", "internal", "callers"))
pytestmark = pytest.mark.timeout(1800 if EXAMPLES > 20 else 300)


@pytest.fixture(scope="module")
def there(new_platform: PlatformFactory) -> tuple[Platform, apis.Seeds]:
    platform = new_platform(*apis.SERVICES, tasks=False)
    return platform, apis.seed(platform)


@pytest.mark.parametrize(("service", "side", "who"), RUNS)
def test_nothing_that_can_be_asked_breaks_an_api(
    there: tuple[Platform, apis.Seeds],
    service: str,
    side: str,
    who: str,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    examples, left_out = OF_NOBODY if who == "nobody" else (EXAMPLES, ())
    outcome = apis.run(*there, service, side, who, examples, tmp_path / "run", left_out)
    total = sum(sum(seen.values()) for seen in outcome.tally.values())
    record_property(f"requests to {service} {side} as {who}", f"{total} in {outcome.seconds:.0f} s")
    print(json.dumps(outcome.tally, indent=1))
    assert outcome.code == 0, outcome.said
    assert total > 0, outcome.said
    if who != "nobody":
        assert not outcome.without_success(), f"never a success at these: {outcome.without_success()}"
