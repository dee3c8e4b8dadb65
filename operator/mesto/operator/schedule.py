"""Times of schedules written for cron, in a time zone: pure.

What the days on which clocks change mean is what Debian's cron makes of them: a run whose time is skipped happens right
after the gap, one whose time comes twice happens once (https://github.com/cuu508/cronsim).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError


def fault(schedule: str) -> str:
    """Return what is wrong with a schedule, empty when it can be read and has times to come."""
    try:
        next(CronSim(schedule, datetime(2024, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        if _days_elsewhere(schedule):
            return f'"{schedule}" never comes: none of its months has such a day'
        return f'"{schedule}" is not a schedule of cron: {error}'
    except StopIteration:
        return f'"{schedule}" never comes'
    return ""


def _days_elsewhere(schedule: str) -> bool:
    """Return whether it is right but for its months: they are too short for its days."""
    fields = schedule.split()
    if len(fields) != 5 or fields[3] == "*":
        return False
    try:
        CronSim(" ".join([*fields[:3], "*", fields[4]]), datetime(2024, 1, 1, tzinfo=UTC))
        CronSim(" ".join([*fields[:2], "*", *fields[3:]]), datetime(2024, 1, 1, tzinfo=UTC))
    except CronSimError:
        return False
    return True


def after(schedule: str, zone: str, moment: datetime) -> datetime:
    """Return the first time of the schedule after a moment, in UTC.

    Raises ValueError for a schedule that has a ``fault``.
    """
    try:
        return next(CronSim(schedule, moment.astimezone(ZoneInfo(zone)))).astimezone(UTC)
    except (CronSimError, StopIteration) as error:
        raise ValueError(fault(schedule)) from error


def last(schedule: str, zone: str, moment: datetime) -> datetime:
    """Return the last time of the schedule up to a moment, that one included, in UTC.

    Raises ValueError as ``after``.
    """
    # cronsim looks at minutes before the one that it is given.
    minute = moment.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    try:
        return next(CronSim(schedule, minute.astimezone(ZoneInfo(zone)), reverse=True)).astimezone(UTC)
    except (CronSimError, StopIteration) as error:
        raise ValueError(fault(schedule)) from error
