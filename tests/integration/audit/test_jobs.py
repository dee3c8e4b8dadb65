"""Jobs in a database, projections against an owner that moves meanwhile, and checks that no live process lets last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from mesto.booking import tables as booking_tables
from mesto.common.consistency import checks
from mesto.common.consistency.checks import Check, Discrepancy, Examined
from mesto.common.consistency.jobs import Jobs
from mesto.common.consistency.local_checks import outbox_check
from mesto.common.consistency.runner import AGAIN, Runner
from mesto.common.consistency.sources import Source, Sources
from mesto.common.database.engine import Database
from mesto.common.http.internal_client import RequestRejected
from mesto.common.settings import CommonSettings
from mesto.contracts.events import UserChanged
from mesto.contracts.snapshots import SnapshotPage
from mesto.notifications import consistency
from mesto.notifications.recipients.service import Recipients
from mesto.notifications.tables import JOBS
from sqlalchemy import text
from support.servers.notifications import person
from support.servers.session_servers import DatabaseUrls
from support.waiting import eventually_async


class Stage:
    """The database of notifications, its jobs and its consumer."""

    def __init__(self, url: str) -> None:
        self.database = Database(url, "notifications-test", pool_size=6)
        self.jobs, self.recipients = Jobs("notifications", JOBS), Recipients(self.database)

    def runner(self, *parts: Check, audit_time: str = "") -> Runner:
        return Runner(self.database, self.jobs, CommonSettings(audit_time=audit_time), lambda: parts)

    async def request_job(self, kind: Any = "audit") -> UUID:
        async with self.database.transaction() as connection:
            job = await self.jobs.request_job(connection, kind, "cli", 0)
        assert job is not None
        return job.id

    async def job(self, job_id: UUID) -> Any:
        async with self.database.read() as connection:
            job = await self.jobs.get(connection, job_id)
        assert job is not None
        return job

    async def sql(self, statement: str, **values: Any) -> list[Any]:
        async with self.database.transaction() as connection:
            result = await connection.execute(text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else []


@pytest.fixture
async def stage(empty_database_urls: DatabaseUrls) -> AsyncIterator[Stage]:
    made = Stage(empty_database_urls["notifications"])
    yield made
    await made.database.close()


class Stuck(Check):
    """Begins and never ends, until it is let go."""

    name = "stuck"
    can_repair = True

    def __init__(self) -> None:
        self.begun, self.free = asyncio.Event(), asyncio.Event()

    async def examine(self) -> AsyncIterator[Examined]:
        self.begun.set()
        await self.free.wait()
        yield Examined(1)

    async def recheck(self, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        return list(suspects)


async def test_a_job_whose_worker_died_is_begun_again_by_the_next(stage: Stage) -> None:
    job_id, stuck = await stage.request_job("rebuild"), Stuck()
    dying = asyncio.create_task(stage.runner(stuck).run_due())
    await stuck.begun.wait()
    other = Stuck()
    other.free.set()
    await stage.runner(other).run_due()
    assert (await stage.job(job_id)).status == "running", "while the lease holds nobody else begins it"
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    await stage.sql("UPDATE notifications.jobs SET lease_until = now() - interval '1 second'")
    await stage.runner(other).run_due()
    job = await stage.job(job_id)
    assert (job.status, job.attempts, job.checks[0].checked) == ("done", 2, 1)


async def test_a_worker_that_ends_gives_its_job_back_at_once(stage: Stage) -> None:
    job_id, stuck = await stage.request_job(), Stuck()
    ending = stage.runner(stuck)
    doing = asyncio.create_task(ending.run_due())
    await stuck.begun.wait()
    ending.stop()
    await doing
    job = await stage.job(job_id)
    assert (job.status, job.attempts) == ("waiting", 0)
    await stage.runner().run_due()
    assert (await stage.job(job_id)).status == "done"


async def test_who_has_lost_its_lease_writes_no_result(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mesto.common.consistency.runner.LEASE", timedelta(seconds=0.2))
    job_id, stuck, thief = await stage.request_job(), Stuck(), uuid4()
    losing = asyncio.create_task(stage.runner(stuck).run_due())
    await stuck.begun.wait()
    await stage.sql("UPDATE notifications.jobs SET holder = :thief", thief=thief)
    await losing
    assert (await stage.job(job_id)).status == "running"
    async with stage.database.transaction() as connection:
        await stage.jobs.finish(connection, thief, [])
    assert (await stage.job(job_id)).status == "done"


async def test_jobs_are_done_one_at_a_time(stage: Stage) -> None:
    first, stuck = await stage.request_job("rebuild"), Stuck()
    second = await stage.request_job("audit")
    doing = asyncio.create_task(stage.runner(stuck).run_due())
    await stuck.begun.wait()
    await stage.runner().run_due()
    assert [(await stage.job(job_id)).status for job_id in (first, second)] == ["running", "waiting"]
    stuck.free.set()
    await doing
    assert [(await stage.job(job_id)).status for job_id in (first, second)] == ["done", "done"]


async def test_a_job_that_fails_says_why(stage: Stage) -> None:
    class Failing(Stuck):
        async def examine(self) -> AsyncIterator[Examined]:
            raise RequestRejected(403, "forbidden", "geo may not call this.", {})
            yield Examined(0)

    job_id = await stage.request_job()
    await stage.runner(Failing()).run_due()
    job = await stage.job(job_id)
    assert (job.status, job.error) == ("failed", "geo may not call this.")
    assert job.finished_at is not None


async def test_the_night_asks_once_and_again_after_a_failure(stage: Stage) -> None:
    now = datetime.now().astimezone()
    runner = stage.runner(audit_time=(now - timedelta(minutes=1)).strftime("%H:%M"))
    for _ in range(3):
        await runner.run_due()
    assert await stage.sql("SELECT kind, status, asked_by FROM notifications.jobs") == [("audit", "done", "beat")]
    yesterday = "UPDATE notifications.jobs SET asked_at = asked_at - interval '1 day'"
    await stage.sql(yesterday)
    await runner.run_due()
    assert await stage.sql("SELECT count(*) FROM notifications.jobs") == [(2,)]
    await stage.sql("UPDATE notifications.jobs SET status = 'failed'")
    await runner.run_due()
    assert await stage.sql("SELECT count(*) FROM notifications.jobs") == [(2,)], "not at once"
    async with stage.database.transaction() as connection:
        assert await stage.jobs.request_nightly_audit(connection, now - timedelta(minutes=1), timedelta(0))
    assert timedelta(0) < AGAIN < timedelta(hours=1)


async def test_without_a_time_no_night_asks(stage: Stage) -> None:
    await stage.runner().run_due()
    assert await stage.sql("SELECT count(*) FROM notifications.jobs") == [(0,)]


# Projections against an owner that moves.


class Auth:
    """Answers as auth's snapshot does; ``meanwhile`` runs while an answer is under way."""

    def __init__(self, *people: UserChanged) -> None:
        self.people = {person.user_id: person for person in people}
        self.meanwhile: Callable[[], Any] | None = None

    async def call(self, _method: str, _path: str, *, params: dict[str, Any]) -> Any:
        ids = params.get("id")
        chosen = [person for key, person in sorted(self.people.items()) if ids is None or str(key) in ids]
        answer = SnapshotPage.of(chosen, None).model_dump(mode="json")
        if ids is not None and self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        return answer


def users(stage: Stage, auth: Auth) -> consistency.Users:
    return consistency.Users(stage.database, Source(auth.call, "users"))


async def rebuild(check: Check) -> dict[str, int]:
    async def progress(_reports: object) -> None:
        pass

    (report,) = await checks.rebuild([check], progress)
    return report.by_kind


async def stored(stage: Stage) -> list[Any]:
    return await stage.sql("SELECT revision, name, removed FROM notifications.users ORDER BY revision")


async def test_an_event_that_comes_between_look_and_write_is_not_overwritten(stage: Stage) -> None:
    anna = person("en", "Anna", revision=2)
    await stage.recipients.note_user(anna.model_copy(update={"revision": 1, "name": "Old"}))
    auth = Auth(anna)
    newest = anna.model_copy(update={"revision": 3, "name": "Newest"})

    async def note_newest() -> None:
        auth.people[anna.user_id] = newest
        await stage.recipients.note_user(newest)

    auth.meanwhile = note_newest
    await rebuild(users(stage, auth))
    assert await stored(stage) == [(3, "Newest", False)]


async def test_an_event_that_a_row_ahead_has_swallowed_is_made_up_for(stage: Stage) -> None:
    """Restored from a backup, auth counts again from 2; its event 3 comes while 9 is put right, and is ignored."""
    anna = person("en", "Restored", revision=2)
    await stage.recipients.note_user(anna.model_copy(update={"revision": 9, "name": "Lost"}))
    auth = Auth(anna)
    newest = anna.model_copy(update={"revision": 3, "name": "Newest"})

    async def note_newest() -> None:
        await stage.recipients.note_user(newest)
        auth.people[anna.user_id] = newest

    auth.meanwhile = note_newest
    assert await rebuild(users(stage, auth)) == {"ahead": 1}
    assert await stored(stage) == [(3, "Newest", False)]


async def test_a_missing_row_that_an_event_brings_first_stays_the_newer(stage: Stage) -> None:
    anna = person("en", "Anna", revision=2)
    auth = Auth(anna)
    auth.meanwhile = lambda: stage.recipients.note_user(anna.model_copy(update={"revision": 3, "name": "Newest"}))
    await rebuild(users(stage, auth))
    assert await stored(stage) == [(3, "Newest", False)]


async def test_a_person_that_auth_does_not_know_keeps_nothing_personal(stage: Stage) -> None:
    await stage.recipients.note_user(person("en", "Nobody", revision=5))
    assert await rebuild(users(stage, Auth())) == {"unknown": 1}
    assert await stage.sql("SELECT revision, email, name, removed FROM notifications.users") == [(5, None, "", True)]
    assert await rebuild(users(stage, Auth())) == {}


async def test_a_row_that_keeps_changing_is_not_taken_for_one_that_is_late(stage: Stage) -> None:
    anna = person("en", revision=1)
    await stage.recipients.note_user(anna)
    auth = Auth(anna.model_copy(update={"revision": 2}))
    check = users(stage, auth)
    suspects = [suspect async for looked in check.examine() for suspect in looked.suspects]
    assert [(suspect.what, suspect.mark) for suspect in suspects] == [("behind", 2)]
    assert await check.recheck(suspects) == suspects, "it stands still"
    await stage.recipients.note_user(anna.model_copy(update={"revision": 2}))
    auth.people[anna.user_id] = anna.model_copy(update={"revision": 3})
    assert await check.recheck(suspects) == [], "it has moved on; the next change is on its way"


async def test_many_rows_are_compared_page_by_page(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mesto.common.consistency.projections.LOCAL_PAGE", 3)
    known = [person("en", f"P{number}") for number in range(10)]
    for recipient in known:
        await stage.recipients.note_user(recipient)
    strangers = sorted(str(recipient.user_id) for recipient in known[:4])
    missing = person("en")
    check = users(stage, Auth(*known[4:], missing))
    suspects = [suspect async for looked in check.examine() for suspect in looked.suspects]
    assert sorted(suspect.id for suspect in suspects if suspect.what == "unknown") == strangers
    assert [suspect.id for suspect in suspects if suspect.what != "unknown"] == [str(missing.user_id)]


# Checks of a service against its own tables that its live processes would answer by mending.


async def test_mails_that_nobody_tries_to_send_are_found(stage: Stage) -> None:
    anna, unknown = person("en"), person("en")
    await stage.recipients.note_user(anna)
    late, fresh, waiting = uuid4(), uuid4(), uuid4()
    for key, user, minutes in ((late, anna, 60), (fresh, anna, 1), (waiting, unknown, 60)):
        await stage.sql(
            "INSERT INTO notifications.deliveries (id, event_id, kind, user_id, payload, due_at)"
            " VALUES (:id, :event, 'confirmed', :user, '{}', now() - make_interval(mins => :minutes))",
            id=key,
            event=uuid4(),
            user=user.user_id,
            minutes=minutes,
        )
    parts = consistency.checks(stage.database, Sources(CommonSettings(), "notifications"))
    check = next(part for part in parts if part.name == "mails")
    (looked,) = [part async for part in check.examine()]
    assert [(suspect.id, suspect.what) for suspect in looked.suspects] == [(str(late), "overdue")]
    assert await check.recheck(looked.suspects) == looked.suspects
    await stage.sql("UPDATE notifications.deliveries SET status = 'sent'")
    assert await check.recheck(looked.suspects) == []


async def test_events_that_nobody_publishes_are_found(empty_database_urls: DatabaseUrls) -> None:
    database = Database(empty_database_urls["booking"], "booking-test", pool_size=2)
    table = booking_tables.OUTBOX
    async with database.transaction() as connection:
        for minutes in (10, 0):
            created = datetime.now(UTC) - timedelta(minutes=minutes)
            await connection.execute(table.insert().values(type="space.applied", body=b"{}", created_at=created))
    check = outbox_check(database, table)
    (looked,) = [part async for part in check.examine()]
    assert (looked.checked, [(suspect.what, suspect.detail) for suspect in looked.suspects]) == (
        2,
        [("stuck", "space.applied")],
    )

    async def gone() -> bool:
        async with database.transaction() as connection:
            await connection.execute(table.delete())
        return await check.recheck(looked.suspects) == []

    await eventually_async(gone, "nothing to be stuck any more")
    await database.close()
