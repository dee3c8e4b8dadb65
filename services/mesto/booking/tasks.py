"""Celery: what must happen at a time. Beat looks every few seconds; ``due_at`` in the database says what is due."""

from __future__ import annotations

import structlog
from mesto.booking.service import Bookings
from mesto.booking.settings import BookingSettings
from mesto.common.db import Database
from mesto.common.tasks import LoopThread, Once, celery_app, every

log = structlog.get_logger(__name__)
app = celery_app("booking", {"sweep": every(2.0, "booking.sweep"), "prune": every(3600.0, "booking.prune")})


class Runtime(LoopThread):
    """What a task works with."""

    def __init__(self) -> None:
        super().__init__("booking-tasks")
        settings = BookingSettings.load("booking")
        self.bookings = Bookings(Database(settings.database_url.get_secret_value(), "booking-tasks", pool_size=4))


runtime = Once(Runtime)


def sweep() -> None:
    """Let holds run out, decline requests nobody answered, complete bookings that ended."""
    service = runtime()
    done = service.run(service.bookings.lifecycle.sweep())
    if done:
        log.info("swept", bookings=done)


def prune() -> None:
    """Forget idempotency keys and handled events that are old enough."""
    service = runtime()
    service.run(service.bookings.lifecycle.prune())


sweep_task = app.task(name="booking.sweep")(sweep)
prune_task = app.task(name="booking.prune")(prune)
