"""What an audit looks at and a rebuild puts right: checks that name suspects, look again, and perhaps mend."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from mesto.contracts.jobs import SHOWN_IDS, CheckReport, Difference

MOST_SUSPECTS = 10_000
"""A check stops here; more of them say nothing new and memory is bounded."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 10.0
Progress = Callable[[list[CheckReport]], Awaitable[None]]


@dataclass(frozen=True)
class Discrepancy:
    """A thing that seems not to be right.

    ``sure``: no event in flight can explain it, so one more look is enough; else it must stay as it is until the time
    for settling is over. ``mark`` is the owner's revision that it has not reached.
    """

    id: str
    what: str
    detail: str = ""
    sure: bool = True
    mark: int = 0


@dataclass(frozen=True)
class Examined:
    """A part of the way: things looked at, and those of them that are suspects."""

    checked: int
    suspects: Sequence[Discrepancy] = ()


class Check(ABC):
    """One thing that must hold in a service. ``can_repair``: a rebuild can put it right."""

    name: str
    can_repair = False

    @abstractmethod
    def examine(self) -> AsyncIterator[Examined]:
        """Go through everything once, a page at a time."""

    @abstractmethod
    async def recheck(self, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        """Return those that are suspect still."""

    async def repair(self, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        """Put these right; return what was wrong indeed and is right now."""
        raise NotImplementedError


def _filled(report: CheckReport, suspects: Sequence[Discrepancy]) -> CheckReport:
    found = Counter(report.by_kind) + Counter(suspect.what for suspect in suspects)
    room = max(0, SHOWN_IDS - len(report.differences))
    named = [Difference(id=suspect.id, what=suspect.what, detail=suspect.detail) for suspect in suspects[:room]]
    return report.model_copy(
        update={
            "found": report.found + len(suspects),
            "by_kind": dict(sorted(found.items())),
            "differences": [*report.differences, *named],
        }
    )


async def audit(checks: Sequence[Check], settle_seconds: float, progress: Progress) -> list[CheckReport]:
    """Look at everything, wait for events in flight, look at the suspects again; return the differences left."""
    reports = [CheckReport(name=check.name) for check in checks]
    suspects: list[list[Discrepancy]] = [[] for _ in checks]
    for number, check in enumerate(checks):
        async for looked in check.examine():
            suspects[number] += looked.suspects
            more = len(suspects[number]) >= MOST_SUSPECTS
            checked = reports[number].checked + looked.checked
            reports[number] = reports[number].model_copy(update={"checked": checked, "more": more})
            await progress(reports)
            if more:
                break
    await _settle(checks, suspects, settle_seconds)
    return [_filled(report, found) for report, found in zip(reports, suspects, strict=True)]


async def _settle(checks: Sequence[Check], suspects: list[list[Discrepancy]], seconds: float) -> None:
    until, pause = time.monotonic() + seconds, FIRST_PAUSE
    while any(suspects):
        left = until - time.monotonic()
        await asyncio.sleep(min(pause, max(left, FIRST_PAUSE)))
        pause = min(pause * 2, LONGEST_PAUSE)
        for number, check in enumerate(checks):
            if suspects[number]:
                suspects[number] = await check.recheck(suspects[number])
        if time.monotonic() >= until or all(suspect.sure for found in suspects for suspect in found):
            return


async def rebuild(checks: Sequence[Check], progress: Progress) -> list[CheckReport]:
    """Go through everything that can be mended and mend it on the way; return what was put right."""
    reports: list[CheckReport] = []
    for check in checks:
        if not check.can_repair:
            continue
        report = CheckReport(name=check.name)
        async for looked in check.examine():
            mended = await check.repair(looked.suspects) if looked.suspects else []
            report = _filled(report, mended).model_copy(update={"checked": report.checked + looked.checked})
            await progress([*reports, report])
        reports.append(report)
    return reports
