"""The probe server of Celery workers and beat, with real processes, a broker and a database that go away."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from support.servers.platform import Platform, PlatformFactory
from support.waiting import eventually

PROCESSES = ("booking-worker", "booking-beat")


@pytest.fixture(scope="module")
def platform(new_platform_to_break: PlatformFactory) -> Iterator[Platform]:
    """Booking with its worker and beat, on servers of its own."""
    return new_platform_to_break("booking")


def get(platform: Platform, process: str, path: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{platform.ports[process]}{path}", timeout=15, trust_env=False)


def not_ready(platform: Platform, process: str, check: str) -> bool:
    answer = get(platform, process, "/readyz")
    checks = answer.json()["checks"]
    return answer.status_code == 503 and checks[check] != "ok"


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_says_that_it_lives_and_measures_itself(platform: Platform, process: str) -> None:
    assert get(platform, process, "/healthz").status_code == 200
    assert get(platform, process, "/readyz").json()["ready"] is True
    assert get(platform, process, "/nothing").status_code == 404
    text = get(platform, process, "/metrics").text
    assert 'mesto_ready{check="broker"} 1.0' in text


def test_tasks_are_counted_by_name(platform: Platform) -> None:
    def swept() -> bool:
        text = get(platform, "booking-worker", "/metrics").text
        assert "mesto_tasks_running" in text
        return 'mesto_tasks_total{outcome="done",service="booking",task="booking.sweep"}' in text

    eventually(swept, "the worker to have swept once")
    assert "mesto_task_seconds_bucket" in get(platform, "booking-worker", "/metrics").text


def test_ready_follows_the_broker_and_the_database(platform: Platform) -> None:
    platform.kill("rabbitmq")
    for process in PROCESSES:
        eventually(lambda process=process: not_ready(platform, process, "broker"), f"{process} to miss the broker")
        assert get(platform, process, "/healthz").status_code == 200
    platform.start("rabbitmq")
    platform.kill("postgres")
    eventually(lambda: not_ready(platform, "booking-worker", "database"), "the worker to miss the database")
    platform.start("postgres")
    for process in PROCESSES:
        eventually(
            lambda process=process: get(platform, process, "/readyz").status_code == 200, f"{process} to be ready again"
        )
