"""kill -9 at every named point under load: nothing that was acknowledged is lost, doubled or wrong afterwards."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from support.kills.campaign import Campaign, cover, schedule
from support.kills.installation import POINTS, Installation, pairs

KILLS = int(os.environ.get("MESTO_KILLS", "0"))
SEED = os.environ.get("MESTO_KILLS_SEED", "1")
# `make test` kills each victim and at each point once; `make check-kills` says how many times, over all pairs.
ORDER = schedule(KILLS, SEED) if KILLS else cover(SEED)


@pytest.mark.timeout(2400)
def test_what_was_acknowledged_survives_kills_at_every_point(
    running: Installation, record_property: Callable[[str, object], None]
) -> None:
    campaign = Campaign(running, SEED)
    report = campaign.run(ORDER)
    print("\n".join(["", *report.lines(), *(f"{violation.sort}: {violation.text}" for violation in report.violations)]))
    for line in report.lines()[-6:]:
        record_property("kills", line)
    assert not report.violations
    assert report.kills.total() == len(ORDER)
    assert {victim for victim, _ in report.kills} == POINTS.keys()
    assert {point for _, point in report.kills} == {point for _, point in pairs()}
    assert report.duplicates > 0, "no event was delivered twice: these kills prove nothing"
    assert all(report.bookings[status] for status in ("confirmed", "cancelled", "declined", "expired"))
    assert all(report.payments[status] for status in ("succeeded", "failed", "refunded", "partially_refunded"))
