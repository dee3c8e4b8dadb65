"""The client of scrapyd against a small HTTP server that answers as scrapyd does, or as a broken one would."""

from __future__ import annotations

import asyncio
import base64
import http.server
import json
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from mesto.operator import scrapyd as module
from mesto.operator.scrapyd import Jobs, Scrapyd, ScrapydUnavailable

LISTED = {
    "node_name": "n",
    "status": "ok",
    "pending": [{"id": "a"}],
    "running": [{"id": "b"}],
    "finished": [{"id": "c"}, {"id": "b"}],
}


class Server(http.server.ThreadingHTTPServer):
    """`answer` is what comes next: status, body, seconds before it. `asked` is what came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer: tuple[int, Any, float] = (200, LISTED, 0)
        self.asked: list[tuple[str, str, dict[str, list[str]], str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def _any(self) -> None:
        parts = urlsplit(self.path)
        form = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        credentials = self.headers.get("Authorization") or ""
        self.server.asked.append((self.command, parts.path, parse_qs(form or parts.query), credentials))
        status, body, pause = self.server.answer
        time.sleep(pause)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        if status in (301, 302):
            self.send_header("Location", "http://192.0.2.1/")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = _any

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def scrapyd(server: Server) -> Iterator[Scrapyd]:
    made = Scrapyd(server.url + "/", "mesto", "secret")
    yield made
    made.close()


async def test_its_jobs_are_listed_with_our_password(scrapyd: Scrapyd, server: Server) -> None:
    assert await scrapyd.jobs() == Jobs(frozenset({"a", "b"}), frozenset({"c"}))
    basic = "Basic " + base64.b64encode(b"mesto:secret").decode()
    assert server.asked == [("GET", "/listjobs.json", {"project": ["mesto"]}, basic)]


async def test_many_targets_share_a_list_until_something_begins(scrapyd: Scrapyd, server: Server) -> None:
    await asyncio.gather(*(scrapyd.jobs() for _ in range(20)))
    assert len(server.asked) == 1
    await scrapyd.jobs(fresh=True)
    assert len(server.asked) == 2
    server.answer = (200, {"status": "ok", "jobid": "run-1"}, 0)
    await scrapyd.begin("run-1", '{"run": "run-1"}')
    server.answer = (200, LISTED, 0)
    await scrapyd.jobs()
    assert [path for _, path, _, _ in server.asked[2:]] == ["/schedule.json", "/listjobs.json"]


async def test_a_list_is_asked_for_anew_when_it_is_old(
    scrapyd: Scrapyd, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FRESH_SECONDS", 0)
    await scrapyd.jobs()
    await scrapyd.jobs()
    assert len(server.asked) == 2


async def test_a_job_is_begun_and_cancelled(scrapyd: Scrapyd, server: Server) -> None:
    server.answer = (200, {"status": "ok", "jobid": "run-1"}, 0)
    await scrapyd.begin("run-1", '{"name": "лофт & ко"}')
    server.answer = (200, {"status": "ok", "prevstate": None}, 0)
    await scrapyd.cancel("run-1")
    begun, cancelled = server.asked
    assert begun[:2] == ("POST", "/schedule.json")
    expected = {"project": ["mesto"], "spider": ["declared"], "jobid": ["run-1"], "crawl": ['{"name": "лофт & ко"}']}
    assert begun[2] == expected
    assert cancelled[:3] == ("POST", "/cancel.json", {"project": ["mesto"], "job": ["run-1"]})


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, {"status": "error", "message": "project 'mesto' not found"}, "project 'mesto' not found"),
        (200, {"status": "odd"}, "odd"),
        (200, {"status": "ok"}, "pending"),
        (200, {"status": "ok", "pending": 5}, "cannot be used"),
        (200, [], "cannot be used"),
        (200, b"<html>", "<html>"),
        (401, b"Unauthorized", "401"),
        (302, b"", "302"),
        (500, {"status": "ok"}, "500"),
    ],
)
async def test_what_is_no_answer_is_said(scrapyd: Scrapyd, server: Server, status: int, body: Any, said: str) -> None:
    server.answer = (status, body, 0)
    with pytest.raises(ScrapydUnavailable, match=said):
        await scrapyd.jobs()


async def test_one_that_is_away_is_asked_once_for_all(server: Server) -> None:
    server.answer = (500, {}, 0)
    scrapyd = Scrapyd(server.url)
    answers = await asyncio.gather(*(scrapyd.jobs() for _ in range(20)), return_exceptions=True)
    assert all(isinstance(answer, ScrapydUnavailable) for answer in answers)
    assert [credentials for _, _, _, credentials in server.asked] == [""]
    scrapyd.close()


async def test_nobody_listening_is_said() -> None:
    with Server() as gone:
        url = gone.url
    scrapyd = Scrapyd(url)
    with pytest.raises(ScrapydUnavailable, match="does not answer"):
        await scrapyd.jobs()
    scrapyd.close()


async def test_silence_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.2)
    server.answer = (200, LISTED, 1)
    scrapyd = Scrapyd(server.url)
    with pytest.raises(ScrapydUnavailable, match="does not answer"):
        await scrapyd.jobs()
    scrapyd.close()


async def test_no_proxy_and_no_netrc_is_asked(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("http_proxy", "http://192.0.2.1:3128")
    scrapyd = Scrapyd(server.url)
    await scrapyd.jobs()
    assert server.asked[0][3] == ""
    scrapyd.close()
