"""Real scrapyd as a process of the platform: runs by its API, its password, its probes; its spiders end with it."""

from __future__ import annotations

import os
import signal
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from mestolocal.services import scrapyd_access, scrapyd_url
from scrapyd_client import ScrapydClient
from scrapyd_client.exceptions import ErrorResponse, MalformedResponse
from support.clients.spiders import Target, cards
from support.fakes.site import Site
from support.servers.platform import Platform, PlatformFactory
from support.waiting import eventually


@pytest.fixture(scope="module")
def scrapyd(new_platform: PlatformFactory) -> Platform:
    return new_platform("catalog", "scrapyd", tasks=False)


@pytest.fixture
def target(scrapyd: Platform, site: Site) -> Target:
    return Target(scrapyd, site.url + "/", name=f"rival-{uuid.uuid4().hex[:8]}")


@pytest.fixture
def client(scrapyd: Platform) -> ScrapydClient:
    access = scrapyd_access(scrapyd.wiring)
    return ScrapydClient(*access.values())


def get_scrapyd(platform: Platform, path: str, **options: Any) -> httpx.Response:
    return httpx.get(scrapyd_url(platform.wiring) + path, trust_env=False, timeout=30, **options)


def begin(client: ScrapydClient, target: Target, **changes: Any) -> str:
    """Schedule a run as the operator does; its id."""
    crawl = target.crawl(**changes)
    arguments = [("crawl", crawl.model_dump_json()), ("jobid", crawl.run)]
    assert client.schedule("mesto", "declared", arguments) == crawl.run
    return crawl.run


def finished(client: ScrapydClient, run: str) -> bool:
    return bool(client.status(run)["currstate"] == "finished")


def pid_of(client: ScrapydClient, run: str) -> int:
    """The process of a run that goes on."""
    return int(
        eventually(lambda: [job["pid"] for job in client.jobs("mesto")["running"] if job["id"] == run], "the run")[0]
    )


def log_of(target: Target, run: str) -> str:
    """What a spider has said."""
    return (target.platform.folder / "scrapyd" / "logs" / "mesto" / "declared" / f"{run}.log").read_text("utf-8")


def is_there(pid: int) -> bool:
    """Whether a process is there, a zombie included."""
    return Path(f"/proc/{pid}").exists()


def test_a_scheduled_run_changes_the_public_list(client: ScrapydClient, target: Target, site: Site) -> None:
    site.page("/", cards("Hot desk", "Переговорная"))
    run = begin(client, target)
    eventually(lambda: finished(client, run), "the run to end")
    assert [known["outcome"] for known in target.state()["runs"]] == ["succeeded"]
    assert {item["name"] for item in target.shown()} == {"Hot desk", "Переговорная"}
    assert "2 offers on 1 page." in log_of(target, run)


def test_only_who_knows_the_password_gets_in(scrapyd: Platform) -> None:
    for path in ("/", "/jobs", "/logs/", "/daemonstatus.json", "/listjobs.json", "/elsewhere"):
        assert get_scrapyd(scrapyd, path).status_code == 401, path
        assert get_scrapyd(scrapyd, path, auth=("mesto", "wrong")).status_code == 401, path
    with pytest.raises(MalformedResponse, match="Unauthorized"):
        ScrapydClient(scrapyd_url(scrapyd.wiring), "mesto", "wrong").projects()
    secret = scrapyd.secrets.password("scrapyd")
    assert get_scrapyd(scrapyd, "/daemonstatus.json", auth=("mesto", secret)).json()["status"] == "ok"
    assert secret not in scrapyd.log("scrapyd")


def test_it_takes_no_code(scrapyd: Platform, client: ScrapydClient) -> None:
    auth = ("mesto", scrapyd.secrets.password("scrapyd"))
    for name in ("addversion", "delversion", "delproject"):
        answer = httpx.post(f"{scrapyd_url(scrapyd.wiring)}/{name}.json", auth=auth, trust_env=False, timeout=30)
        assert answer.status_code == 404
    assert client.projects() == ["mesto"]
    with pytest.raises(ErrorResponse):
        client.schedule("mesto", "another")


def test_probes_and_metrics_answer_everybody(scrapyd: Platform, client: ScrapydClient) -> None:
    assert get_scrapyd(scrapyd, "/healthz").json() == {"status": "ok"}
    assert get_scrapyd(scrapyd, "/readyz").json()["ready"] is True
    metrics = get_scrapyd(scrapyd, "/metrics").text
    assert 'mesto_spiders_jobs{state="running"}' in metrics
    assert 'mesto_ready{check="queue"} 1.0' in metrics


def test_a_spider_that_is_killed_leaves_no_zombie_and_the_next_one_runs(
    client: ScrapydClient, target: Target, site: Site
) -> None:
    site.page("/slow", hangs=True)
    run = begin(client, target, start_urls=[site.url + "/slow"])
    eventually(lambda: "/slow" in site.asked, "the page to be asked for")
    pid = pid_of(client, run)
    os.kill(pid, 9)
    eventually(lambda: finished(client, run) and not is_there(pid), "the process to be gone")
    assert [known["outcome"] for known in target.state()["runs"]] == ["running"]  # nobody could say how it ended
    assert 'mesto_spiders_ended_total{how="killed"} 1.0' in get_scrapyd(target.platform, "/metrics").text
    site.page("/", cards("Desk"))
    run = begin(client, target)
    eventually(lambda: finished(client, run), "the next run to end")
    assert [item["name"] for item in target.shown()] == ["Desk"]


def test_a_run_that_is_cancelled_says_so(client: ScrapydClient, target: Target, site: Site) -> None:
    site.page("/slow", hangs=True)
    run = begin(client, target, start_urls=[site.url + "/slow"])
    eventually(lambda: "/slow" in site.asked, "the page to be asked for")
    assert client.cancel("mesto", run)["prevstate"] == "running"
    eventually(lambda: "shutting down" in log_of(target, run), "the spider to be told")
    site.hold.set()
    eventually(lambda: finished(client, run), "the run to end")
    assert [known["outcome"] for known in target.state()["runs"]] == ["crashed"]


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_when_scrapyd_ends_its_spiders_end_and_runs_that_wait_go_on_later(
    client: ScrapydClient, target: Target, site: Site, how: str
) -> None:
    site.page("/", cards("Desk"))
    for number in range(2):
        site.page(f"/slow?{number}", hangs=True)
    busy = [begin(client, target, start_urls=[site.url + f"/slow?{number}"]) for number in range(2)]
    pids = [pid_of(client, run) for run in busy]
    waiting = begin(client, target)
    assert client.status(waiting)["currstate"] == "pending"
    platform = target.platform
    eventually(lambda: len([path for path in site.asked if "slow" in path]) == 2, "both pages to be asked for")
    # Killed it alone is, as the kernel does when memory runs out.
    os.kill(platform.children["scrapyd"].pid, signal.SIGTERM if how == "stop" else signal.SIGKILL)
    eventually(lambda: all("shutting down" in log_of(target, run) for run in busy), "the spiders to be told")
    site.hold.set()
    if how == "stop":
        platform.stop("scrapyd")
    eventually(lambda: not any(is_there(pid) for pid in pids), "the spiders to be gone")
    platform.kill("scrapyd")
    platform.start("scrapyd")
    eventually(lambda: finished(client, waiting), "the run that waited to end")
    outcomes = {run["id"]: run["outcome"] for run in target.state()["runs"]}
    assert outcomes[waiting] == "succeeded"
    assert {outcomes.get(run) for run in busy} == {"crashed"}
