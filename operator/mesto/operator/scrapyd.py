"""scrapyd, which runs the spiders: its list of jobs, begin one, cancel one.

scrapyd-client asks in threads (requests), without an end to its patience: here each call has one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from mesto.common.http.network_errors import reason
from mesto.contracts.scraping import ARGUMENT, PROJECT, SPIDER

CONNECT_SECONDS, SECONDS = 3.0, 10.0
"""Until scrapyd must have taken a call, and until it must have answered."""
FRESH_SECONDS = 1.0
"""How long a list of jobs, or the news that there is none, does for all targets."""
_THREADS = 2


if TYPE_CHECKING:
    from scrapyd_client.pyclient import ScrapydClient

T = TypeVar("T")


class _Job(TypedDict):
    id: str


class ScrapydUnavailable(Exception):
    """scrapyd did not answer, or not as it should: try again later."""


@dataclass(frozen=True)
class Jobs:
    """Ids of the jobs that scrapyd knows; ``active`` ones wait for a process or have one."""

    active: frozenset[str] = frozenset()
    finished: frozenset[str] = frozenset()

    def __contains__(self, run: str) -> bool:
        return run in self.active or run in self.finished

    def begun(self, run: str) -> Jobs:
        """Return the list with one more."""
        return replace(self, active=self.active | {run})


class Scrapyd:
    """One scrapyd. Calls are made one after the other: a list is never older than what was begun before it."""

    def __init__(self, url: str, user: str = "", password: str = "") -> None:
        self._client = _client(url, user, password)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="scrapyd")
        self._lock = asyncio.Lock()
        self._listed: Jobs | ScrapydUnavailable | None = None
        self._at = 0.0

    async def jobs(self, *, fresh: bool = False) -> Jobs:
        """Return its jobs, asked for anew when ``fresh`` or when the last list is old. Raises ScrapydUnavailable."""
        async with self._lock:
            if not fresh and time.monotonic() - self._at < FRESH_SECONDS and self._listed is not None:
                if isinstance(self._listed, ScrapydUnavailable):
                    raise self._listed
                return self._listed
            try:
                listed = await self._call(lambda: _jobs(self._client.jobs(PROJECT)))
            except ScrapydUnavailable as error:
                self._listed = error
                raise
            finally:
                self._at = time.monotonic()
            self._listed = listed
            return listed

    async def begin(self, run: str, crawl: str) -> None:
        """Give it a job of this id.

        Raises ScrapydUnavailable: the job may be there all the same, so look before another attempt.
        """
        async with self._lock:
            self._listed = None
            args = [("jobid", run), (ARGUMENT, crawl)]
            await self._call(partial(self._client.schedule, PROJECT, SPIDER, args))

    async def cancel(self, run: str) -> None:
        """End a job; nothing when it does not know it. Raises ScrapydUnavailable."""
        async with self._lock:
            self._listed = None
            await self._call(partial(self._client.cancel, PROJECT, run))

    async def _call(self, call: Callable[[], T]) -> T:
        from requests import HTTPError, RequestException
        from scrapyd_client.exceptions import ErrorResponse, MalformedResponse

        try:
            # A server that sends a byte now and then would hold a thread for ever; it does not hold us.
            async with asyncio.timeout(CONNECT_SECONDS + SECONDS):
                return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except HTTPError as error:
            status = "no status" if error.response is None else error.response.status_code
            raise ScrapydUnavailable(f"scrapyd answered {status}") from error
        except (RequestException, TimeoutError, OSError) as error:
            raise ScrapydUnavailable(f"scrapyd does not answer: {reason(error)}") from error
        except (ErrorResponse, MalformedResponse, RuntimeError, LookupError, TypeError, ValueError) as error:
            raise ScrapydUnavailable(f"scrapyd answered what cannot be used: {str(error)[:300] or error!r}") from error

    def close(self) -> None:
        """Wait for no thread: each ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _client(url: str, user: str, password: str) -> ScrapydClient:
    """Return scrapyd-client's client with timeouts. It brings all of Scrapy, so it is loaded only where it is used."""
    import requests
    from scrapyd_client.pyclient import HEADERS, ScrapydClient, _process_response

    session = requests.Session()
    session.trust_env = False  # no proxy and no ~/.netrc between two parts of one platform
    session.headers.update(HEADERS)
    session.auth = (user, password) if user else None

    class Client(ScrapydClient):  # type: ignore[misc]
        """As scrapyd-client asks, but on connections that stay, and never for ever."""

        def _get(self, basename: str, params: object = None) -> object:
            return self._request("GET", basename, params)

        def _post(self, basename: str, data: object) -> object:
            return self._request("POST", basename, data)

        def _request(self, method: str, basename: str, fields: object) -> object:
            timeout = (CONNECT_SECONDS, SECONDS)
            place = "params" if method == "GET" else "data"
            options: dict[str, Any] = {place: fields, "timeout": timeout, "allow_redirects": False}
            answer = session.request(method, f"{self.url}/{basename}.json", **options)
            if answer.status_code != 200:
                raise requests.HTTPError(f"it answered {answer.status_code}", response=answer)
            return _process_response(answer)

    return Client(url.rstrip("/"), user or None, password or None)


def _jobs(answer: Mapping[str, list[_Job]]) -> Jobs:
    active = {job["id"] for state in ("pending", "running") for job in answer[state]}
    return Jobs(frozenset(active), frozenset(job["id"] for job in answer["finished"]) - active)
