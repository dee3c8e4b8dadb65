"""SIGTERM to Celery's worker and beat: the task in hand ends, or goes back to the queue and is done by another."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mesto.common.worker.tasks import STOP_SECONDS
from support import forked
from support.servers.booking import Signer, space_event, start_site
from support.servers.booking import at as at_hour
from support.servers.notifications import moved, person, start_post
from support.waiting import eventually, eventually_async

LONGEST = STOP_SECONDS + 60
CUT_OFF = 70


@pytest.fixture
def celery(tmp_path: Path) -> Iterator[Callable[..., forked.Started]]:
    """Starts Celery's processes with an environment; ends what a test leaves."""
    processes: list[forked.Started] = []

    def start(service: str, what: str, **environment: str) -> forked.Started:
        options = {
            "worker": ["-P", "threads", "-c", "2", "-Q", service, "--without-gossip", "--without-mingle"],
            "beat": ["-s", str(tmp_path / "beat"), "--pidfile="],
        }
        command = [sys.executable, "-m", "celery", "-A", f"mesto.{service}.worker:app", what, *options[what]]
        log = tmp_path / f"{what}-{len(processes)}.log"
        process = forked.start(command, environment={**os.environ, **environment}, cwd=tmp_path, log=log)
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()


async def test_a_task_in_hand_ends_and_is_done_once(
    fresh_database_urls: Any,
    fresh_broker_url: str,
    signer: Signer,
    key_folders: Any,
    tmp_path: Path,
    celery: Any,
    locked: Any,
    waits: Any,
) -> None:
    urls = fresh_database_urls
    site = start_site(urls.admin, urls["booking"], signer, key_folders, tmp_path, fresh_broker_url)
    try:
        event = space_event()
        await site.with_service(lambda service: service.projections.space_changed(event))
        body = {"resource_id": str(event.resources[0].id), "seats": 1}
        booking = site.book(uuid.uuid4(), body | {"start": at_hour(10).isoformat(), "end": at_hour(11).isoformat()})
        booking_id = booking.json()["id"]
        site.run_out(booking_id)
        environment = {"MESTO_BOOKING_DATABASE_URL": site.service_url, "MESTO_BROKER_URL": fresh_broker_url}
        worker = celery("booking", "worker", **environment)
        with locked(site.admin, "booking.booking_history"):
            beat = celery("booking", "beat", **environment)
            await eventually_async(lambda: waits(site.admin, "mesto-booking-tasks"), "the sweep waits for the table")
            beat.send_signal(signal.SIGTERM)
            worker.send_signal(signal.SIGTERM)
            time.sleep(1)  # noqa: ASYNC251 -- whoever drops its task does so now
            assert worker.poll() is None
        assert worker.wait(LONGEST) == 0
        assert beat.wait(LONGEST) == 0
        assert site.history(booking_id) == ["held", "expired"]
    finally:
        site.http.close()
        site.process.terminate()
        site.process.wait()


class Babbler:
    """A mail server that never comes to the point: a byte now and then, so that no wait ever ends."""

    def __init__(self) -> None:
        self.lines: list[socket.socket] = []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self.server.accept()
            except OSError:
                return
            self.lines.append(line)
            threading.Thread(target=self._babble, args=(line,), daemon=True).start()

    def _babble(self, line: socket.socket) -> None:
        try:
            while True:
                line.sendall(b"2")
                time.sleep(1)
        except OSError:
            line.close()


def test_a_task_that_does_not_end_is_cut_off_and_done_by_another(
    fresh_database_urls: Any, fresh_broker_url: str, signer: Signer, key_folders: Any, tmp_path: Path, celery: Any
) -> None:
    urls = fresh_database_urls
    post = start_post(urls.admin, urls["notifications"], fresh_broker_url, signer, key_folders, tmp_path)
    babbler = Babbler()
    try:
        post.start_app("app")
        user = person("en")
        stuck = post.environment | {"MESTO_NOTIFICATIONS_SMTP_PORT": str(babbler.port)}
        worker = celery("notifications", "worker", **stuck)
        post.publish(user)
        eventually(lambda: post.sql("SELECT 1 FROM notifications.users"), "the person is known")
        event_id = post.publish(moved("confirmed", user.user_id))
        eventually(lambda: babbler.lines, "the worker talks to the mail server")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(LONGEST) == CUT_OFF
        assert post.status(event_id) == "sending"
        post.sql("UPDATE notifications.deliveries SET due_at = now()")  # the lease of the first runs out
        celery("notifications", "worker", **post.environment)
        post.wait_for_mail(user.email)
        eventually(lambda: post.status(event_id) == "sent", "the mail is written down as sent")
        assert len(post.mailbox.to(user.email)) == 1
    finally:
        babbler.server.close()
        post.stop()
