"""Namespaces take turns at the processes of scrapyd; a job waits for no more than its turn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from mesto.spiders.turns import RUNNING, Turns


@pytest.fixture
def queue() -> Iterator[Turns]:
    RUNNING.clear()
    yield Turns({"dbs_dir": ":memory:"}, "mesto")
    RUNNING.clear()


def add(queue: Turns, *jobs: str) -> None:
    """Jobs such as ``evil-1``: a namespace and a number."""
    for job in jobs:
        queue.add("declared", _job=job, crawl=json.dumps({"namespace": job.partition("-")[0]}))


def next_of(queue: Turns) -> str:
    message = queue.pop()
    assert message is not None
    return str(message["_job"])


def begins(queue: Turns) -> str:
    """The launcher begins the next one."""
    job = next_of(queue)
    RUNNING[job.partition("-")[0]] += 1
    return job


def test_who_has_many_jobs_waiting_holds_up_nobody_else(queue: Turns) -> None:
    add(queue, "evil-1", "evil-2", "evil-3", "moscow-1", "spb-1")
    assert [next_of(queue) for _ in range(5)] == ["evil-1", "moscow-1", "spb-1", "evil-2", "evil-3"]
    assert queue.pop() is None


def test_while_others_wait_a_process_goes_to_who_has_none(queue: Turns) -> None:
    add(queue, "evil-1", "moscow-1")
    assert [begins(queue), begins(queue)] == ["evil-1", "moscow-1"]
    add(queue, "evil-2", "moscow-2")
    RUNNING["moscow"] -= 1
    assert begins(queue) == "moscow-2"  # though evil was given one longer ago: it still has it
    RUNNING["moscow"] -= 1
    assert begins(queue) == "evil-2"  # nobody else waits


def test_one_namespace_may_have_all_while_nobody_waits_and_is_behind_as_soon_as_somebody_does(queue: Turns) -> None:
    add(queue, "evil-1", "evil-2", "evil-3")
    assert [begins(queue), begins(queue)] == ["evil-1", "evil-2"]
    add(queue, "moscow-1")
    RUNNING["evil"] -= 1
    assert [begins(queue), begins(queue)] == ["moscow-1", "evil-3"]


@pytest.mark.parametrize("crawl", [None, "", "{", "[]", "{}", "7"])
def test_a_job_that_is_no_run_of_ours_waits_like_any_other(queue: Turns, crawl: Any) -> None:
    queue.add("declared", _job="other", **({} if crawl is None else {"crawl": crawl}))
    add(queue, "moscow-1")
    assert {next_of(queue), next_of(queue)} == {"other", "moscow-1"}
