"""Around every Celery task: its request id, which travels in a header, and its measures."""

from __future__ import annotations

import time
import uuid
from contextvars import ContextVar

from celery import Task, signals
from mesto.common.observability.request_context import request_id
from mesto.common.observability.telemetry import report
from prometheus_client import Counter, Gauge, Histogram

TASKS = Counter("mesto_tasks_total", "Celery tasks by outcome", ["service", "task", "outcome"])
SECONDS = Histogram(
    "mesto_task_seconds",
    "Seconds of one Celery task",
    ["service", "task"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120),
)
RUNNING = Gauge("mesto_tasks_running", "Celery tasks in hand", ["service"])
_started: ContextVar[float] = ContextVar("task_started", default=0.0)
HEADER = "request_id"
_OUTCOMES = {"SUCCESS": "done", "FAILURE": "failed", "RETRY": "retried"}


def install(service: str) -> None:
    """Connect to Celery's signals; once per process, by the service's Celery app."""

    def publish(headers: dict[str, object] | None = None, **_: object) -> None:
        # Who publishes within a request passes its id on; beat begins a new one.
        if headers is not None:
            headers.setdefault(HEADER, request_id.get() or uuid.uuid4().hex)

    def begin(task: Task, **_: object) -> None:
        request_id.set(str(task.request.get(HEADER) or uuid.uuid4().hex))
        _started.set(time.perf_counter())
        RUNNING.labels(service).inc()

    def end(task: Task, state: str | None = None, **_: object) -> None:
        TASKS.labels(service, task.name, _OUTCOMES.get(state or "", "other")).inc()
        SECONDS.labels(service, task.name).observe(time.perf_counter() - _started.get())
        RUNNING.labels(service).dec()
        request_id.set("")

    def failed(sender: object = None, exception: BaseException | None = None, **_: object) -> None:
        if exception is not None:
            report(exception, task=str(getattr(sender, "name", "")))

    signals.task_failure.connect(failed, weak=False)
    signals.before_task_publish.connect(publish, weak=False)
    signals.task_prerun.connect(begin, weak=False)
    signals.task_postrun.connect(end, weak=False)
