"""What `mesto run` says of a run before it, and what it takes for its end."""

from __future__ import annotations

from typing import Any

import pytest
from mesto.cli import scrape_run
from mesto.cli.failure import NOT_READY, PLATFORM, Failure

ASKED = "2026-11-26T12:00:00+00:00"


def target(last: dict[str, Any] | None = None, ran_for: str = "", **metadata: Any) -> dict[str, Any]:
    status: dict[str, Any] = {"lastRun": last} if last else {}
    return {
        "kind": "ScrapeTarget",
        "metadata": {"name": "rival", "namespace": "moscow", "generation": 1} | metadata,
        "spec": {},
        "status": status | ({"ranFor": ran_for} if ran_for else {}),
    }


def asked_to_run(last: dict[str, Any] | None = None, ran_for: str = "") -> dict[str, Any]:
    return target(last, ran_for, annotations={scrape_run.ANNOTATION: ASKED})


def test_nothing_is_said_of_a_run_that_simply_begins() -> None:
    assert list(scrape_run.warnings(target({"id": "a", "outcome": "Succeeded"}))) == []


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (target(annotations={"mesto.dev/paused": "true"}), "kubectl mesto resume sct/rival -n moscow"),
        (target(deletionTimestamp="2026-11-26T12:00:00Z"), "being deleted"),
    ],
)
def test_what_keeps_a_run_from_beginning_is_said(found: dict[str, Any], said: str) -> None:
    assert said in scrape_run.blocker(found)
    assert next(scrape_run.warnings(found)) == scrape_run.blocker(found)


def test_a_suspended_target_runs_all_the_same() -> None:
    suspended = target() | {"spec": {"suspend": True}}
    assert scrape_run.blocker(suspended) == ""
    assert list(scrape_run.warnings(suspended)) == [
        "It is suspended: its schedule rests, this run begins all the same."
    ]


def test_a_run_under_way_comes_first_and_a_fault_is_named() -> None:
    found = target({"id": "a", "outcome": "Running", "startedAt": "2026-11-26T11:00:00Z"})
    found["status"]["conditions"] = [{"type": "Ready", "status": "False", "reason": "Invalid", "message": "No cron."}]
    under_way, fault = scrape_run.warnings(found)
    assert "Run a is under way since 2026-11-26T11:00:00Z" in under_way
    assert fault == "It is not Ready, Invalid: No cron."


def test_only_the_run_for_this_wish_counts_and_only_its_end() -> None:
    done = {"id": "b", "outcome": "Succeeded", "items": 12}
    for not_yet in (
        asked_to_run(),
        asked_to_run(done),
        asked_to_run(done, "an earlier wish"),
        asked_to_run({"id": "b"}, ASKED),
        asked_to_run({"id": "b", "outcome": "Running"}, ASKED),
    ):
        assert scrape_run.ended_run(not_yet, ASKED) is None
    assert scrape_run.ended_run(asked_to_run(done, ASKED), ASKED) == done
    assert scrape_run.sentence(done) == "Run b: Succeeded, 12 offers"
    assert scrape_run.sentence({"id": "c", "outcome": "Timeout", "message": "Silent."}) == "Run c: Timeout: Silent."


def test_waiting_ends_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrape_run, "_PAUSE_SECONDS", 0)
    done = {"id": "b", "outcome": "Empty"}
    looks = iter([asked_to_run(), asked_to_run({"id": "b", "outcome": "Running"}, ASKED), asked_to_run(done, ASKED)])
    assert scrape_run.wait(lambda: next(looks), ASKED, 60) == done


@pytest.mark.parametrize("reason", ["Invalid", "UnknownCity", "CityNotAllowed", "NotConfigured"])
def test_nobody_waits_for_a_run_that_cannot_begin(reason: str) -> None:
    ready = {"type": "Ready", "status": "False", "reason": reason, "message": "Why.", "observedGeneration": 1}
    found = asked_to_run()
    found["status"]["conditions"] = [ready]
    with pytest.raises(Failure, match=f"it is not Ready, {reason}: Why") as failed:
        scrape_run.wait(lambda: found, ASKED, 60)
    assert failed.value.code == NOT_READY
    found["metadata"]["generation"] = 2  # the operator has not looked at the newest
    assert scrape_run.stuck(found) == ""
    found["metadata"]["generation"], ready["reason"] = 1, "ScrapydUnavailable"
    assert scrape_run.stuck(found) == ""


def test_waiting_ends_when_it_is_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrape_run, "_PAUSE_SECONDS", 0)
    other = target(annotations={scrape_run.ANNOTATION: "another"})
    with pytest.raises(Failure, match="another run"):
        scrape_run.wait(lambda: other, ASKED, 60)
    for found, said in (
        (asked_to_run(), "has not begun"),
        (asked_to_run({"id": "b", "outcome": "Running"}, ASKED), "Run b goes on"),
    ):
        with pytest.raises(Failure, match=said) as failed:
            scrape_run.wait(lambda found=found: found, ASKED, 0)
        assert failed.value.code == PLATFORM
    replaced_later = target({"id": "b", "outcome": "Running"}, ASKED, annotations={scrape_run.ANNOTATION: "another"})
    assert not scrape_run.is_replaced(replaced_later, ASKED)
