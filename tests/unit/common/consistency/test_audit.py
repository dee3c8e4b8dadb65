"""When a night's audit is due, and what an audit makes of suspects that come, go and stay."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from mesto.common.consistency import checks
from mesto.common.consistency.checks import Check, Discrepancy, Examined
from mesto.common.consistency.runner import last_due
from mesto.common.settings import CommonSettings
from mesto.contracts.jobs import SHOWN_IDS
from pydantic import ValidationError

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ((2026, 11, 25, 3, 30), (2026, 11, 25, 3, 30)),
        ((2026, 11, 25, 3, 29), (2026, 11, 24, 3, 30)),
        # The machine slept through the night: it is due still.
        ((2026, 11, 25, 9, 0), (2026, 11, 25, 3, 30)),
        ((2026, 12, 1, 0, 0), (2026, 11, 30, 3, 30)),
    ],
)
def test_an_audit_is_due_since_the_last_time_the_clock_said_so(now: tuple[int, ...], due: tuple[int, ...]) -> None:
    assert last_due("03:30", datetime(*now, tzinfo=MOSCOW)) == datetime(*due, tzinfo=MOSCOW)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize("wrong", ["24:00", "3:30", "03:60", "soon"])
def test_the_time_of_the_audit_is_a_time(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("MESTO_AUDIT_TIME", wrong)
    with pytest.raises(ValidationError):
        CommonSettings()


class Scripted(Check):
    """First these suspects, then, look after look, what ``later`` says."""

    name = "scripted"

    def __init__(self, first: Sequence[Discrepancy], *later: Sequence[Discrepancy]) -> None:
        self.first, self.later, self.looks = first, list(later), 0

    async def examine(self) -> AsyncIterator[Examined]:
        yield Examined(7, self.first)

    async def recheck(self, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        self.looks += 1
        return list(self.later.pop(0)) if self.later else list(suspects)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(checks, "LONGEST_PAUSE", 0.02)


async def nothing(_reports: object) -> None:
    """Nobody is told how far it is."""


LATE = Discrepancy("late", "behind", sure=False, mark=3)
WRONG = Discrepancy("wrong", "wrong")


async def found(check: Scripted, seconds: float) -> list[str]:
    (report,) = await checks.audit([check], seconds, nothing)
    assert report.checked == 7
    assert report.found == len(report.differences)
    return [difference.id for difference in report.differences]


async def test_what_has_settled_when_looked_at_again_is_no_difference() -> None:
    assert await found(Scripted([LATE, WRONG], [LATE], [LATE], []), 60) == []


async def test_what_is_sure_is_a_difference_at_the_second_look() -> None:
    check = Scripted([WRONG])
    assert await found(check, 60) == ["wrong"]
    assert check.looks == 1


async def test_what_is_late_is_a_difference_once_its_time_is_over() -> None:
    check = Scripted([LATE, WRONG])
    assert await found(check, 0.1) == ["late", "wrong"]
    assert check.looks > 2


async def test_without_time_to_settle_there_is_a_second_look_all_the_same() -> None:
    assert await found(Scripted([LATE], []), 0) == []


async def test_ids_are_bounded_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [Discrepancy(str(number), "wrong") for number in range(500)]
    (report,) = await checks.audit([Scripted(many)], 0, nothing)
    assert (report.found, len(report.differences), report.by_kind, report.more) == (
        500,
        SHOWN_IDS,
        {"wrong": 500},
        False,
    )
    monkeypatch.setattr(checks, "MOST_SUSPECTS", 500)
    (report,) = await checks.audit([Scripted(many)], 0, nothing)
    assert report.more
