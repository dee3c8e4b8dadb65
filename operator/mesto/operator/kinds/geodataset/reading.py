"""Reading a source in a process of its own, which may use so much memory and time and no more: its content is foreign.

Run as a module it is that process: a job comes as JSON by its input, what came of it goes to its output. It imports
little, so that it begins quickly, and knows no address and no key of the platform.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gzip
import json
import os
import resource
import signal
import sys
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

import orjson
from mesto.operator.kinds.geodataset.features import features
from mesto.operator.kinds.geodataset.rows import MAX_BYTES, Form, TooLarge, Unreadable, Wrong, parse

MEMORY_MB, SECONDS = 512, 60.0
"""What a process may use when nobody says otherwise; the chart's limit of the operator has room for it."""
MOST_FEATURES = {"districts": 20_000, "stops": 200_000}
MOST_POSITIONS = 1_000_000
"""Of all outlines of a dataset; geo needs some hundred bytes for each."""
_REPORTED = 5
_CHUNK = 1 << 20
_DEEPEST = 4  # a MultiPolygon's lists of polygons of rings of positions
_PR_SET_PDEATHSIG = 1
_LABEL = "the source"


class Failed(Exception):
    """Why a source is not read: a stable reason and a sentence that quotes nothing of it."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Job:
    """A source in ``file``, to become the body for geo in ``out``; ``level`` is of districts."""

    file: str
    out: str
    form: Form
    kind: str
    city: str
    level: str = ""
    mapping: dict[str, str] = field(default_factory=dict)


def environment() -> dict[str, str]:
    """Return what the process is told of this one's environment: neither addresses nor keys."""
    return {"PATH": os.environ.get("PATH", ""), "TMPDIR": tempfile.gettempdir()}


async def read(job: Job, *, memory_mb: int = MEMORY_MB, seconds: float = SECONDS) -> int:
    """Do a job in a process of its own; return how many rows were left out. Raises Failed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-m",
        __name__,
        str(memory_mb),
        str(int(seconds) + 1),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(),
    )
    try:
        async with asyncio.timeout(seconds):
            output, errors = await process.communicate(orjson.dumps(asdict(job)))
    except TimeoutError as error:
        raise Failed("TooLarge", f"The source was not read within {seconds:g} seconds: split it.") from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode == 1 and not output:
        raise RuntimeError(f"the reader of a source failed: {errors.decode(errors='replace')[-2000:]}")
    if process.returncode != 0:  # killed by the kernel, or by a library that found no memory
        raise Failed("TooLarge", _too_much(memory_mb))
    answer = orjson.loads(output)
    if answer["reason"]:
        raise Failed(answer["reason"], answer["message"])
    return int(answer["skipped"])


def _too_much(memory_mb: int) -> str:
    return f"The source needs more than {memory_mb} MiB of memory to be read: split it."


# From here on, what runs in the process.


def _main() -> None:
    _limit(int(sys.argv[1]), int(sys.argv[2]))
    answer: dict[str, object] = {"reason": "", "message": "", "skipped": 0}
    try:
        answer["skipped"] = work(Job(**json.load(sys.stdin)))
    except TooLarge as error:
        answer |= {"reason": "TooLarge", "message": error.bare}
    except Wrong as error:
        answer |= {"reason": "InvalidData", "message": error.bare}
    except (MemoryError, RecursionError):
        answer |= {"reason": "TooLarge", "message": _too_much(int(sys.argv[1]))}
    json.dump(answer, sys.stdout)


def _limit(memory_mb: int, seconds: int) -> None:
    """Bound this process, and end it with the one that started it; where memory runs out it goes first."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    for what, most in (
        (resource.RLIMIT_AS, memory_mb << 20),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, MAX_BYTES + _CHUNK),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def work(job: Job) -> int:
    """Write the dataset in geo's words; return how many rows were left out. Raises Wrong."""
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(open(job.file, "rb"))
        rows = parse(_plain(file, stack), job.form, _LABEL)
        with open(job.out, "wb") as out:
            level = {"level": job.level} if job.level else {}
            head = orjson.dumps({"type": job.kind, "city": job.city} | level)
            out.write(head[:-1] + b',"features":[')
            for written, feature in enumerate(_good(features(rows, job.kind, job.mapping, _LABEL), job.kind)):
                out.write(b"," if written else b"")
                out.write(orjson.dumps(feature))
                if out.tell() > MAX_BYTES:
                    raise TooLarge(f"{_LABEL} makes more than {MAX_BYTES >> 20} MiB of features: split it")
            out.write(b"]}")
        return rows.skipped


def _plain(file: IO[bytes], stack: contextlib.ExitStack) -> IO[bytes]:
    """Return the file itself, or what it unpacks to where it is gzip. Raises Unreadable."""
    magic = file.read(2)
    file.seek(0)
    if magic != b"\x1f\x8b":
        return file
    plain = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    size = 0
    try:
        with gzip.GzipFile(fileobj=file) as packed:
            while chunk := packed.read(_CHUNK):
                size += len(chunk)
                if size > MAX_BYTES:
                    raise TooLarge(f"{_LABEL} is larger than {MAX_BYTES >> 20} MiB unpacked")
                plain.write(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(f"{_LABEL} is not whole gzip") from error
    plain.seek(0)
    return plain


def _good(found: Iterator[tuple[int, dict[str, object] | Wrong]], kind: str) -> Iterator[dict[str, object]]:
    """Yield the features. Raises Wrong after the last row when some rows cannot be one, or when there are too many."""
    bad: list[str] = []
    wrong = count = positions = 0
    for number, feature in found:
        if not isinstance(feature, Wrong):
            count += 1
            if count > MOST_FEATURES[kind]:
                raise TooLarge(f"{_LABEL} has more than {MOST_FEATURES[kind]} {kind}: split it")
            try:
                positions += _positions(feature.get("geometry"))
            except Wrong as error:
                feature = error
            if positions > MOST_POSITIONS:
                raise TooLarge(f"{_LABEL} has outlines of more than {MOST_POSITIONS} positions: simplify or split it")
        if isinstance(feature, Wrong):
            wrong += 1
            if wrong <= _REPORTED:
                bad.append(f"row {number}: {feature.bare}")
        elif not wrong:
            yield feature
    if wrong:
        more = f"; and {wrong - _REPORTED} more" if wrong > _REPORTED else ""
        raise Wrong("; ".join(bad) + more)


def _positions(geometry: object) -> int:
    """Return how many positions an outline has. Raises Wrong for lists that are none of GeoJSON's."""
    if not isinstance(geometry, dict):
        return 0
    level, found = [geometry.get("coordinates")], 0
    for _ in range(_DEEPEST):
        below: list[object] = []
        for item in level:
            if not isinstance(item, list):
                raise Wrong("its coordinates are not rings of [longitude, latitude] pairs")
            if item and not isinstance(item[0], list):
                found += 1
            else:
                below += item
        level = below
    if level:
        raise Wrong("its coordinates are not rings of [longitude, latitude] pairs")
    return found


if __name__ == "__main__":
    _main()
