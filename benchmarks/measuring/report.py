"""Rounds, medians, and the table in docs/benchmarks.md: one section for each benchmark, written anew by its run."""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Literal

from mestolocal.paths import REPO

DOCUMENT = REPO / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

`make bench` runs all but the operator's, `make bench T=bookings` one, `make bench-operator` the operator's; each writes
its section of this page. Both sides of a comparison run in the same run, in turns (A B A B …), under the same load
generator, on the same servers with the same settings and rows. Figures are medians over the rounds with the lowest and
the highest round in brackets; the ratio is the median of the ratios of neighbouring rounds. Only ratios are worth
comparing between machines. What is compared, and why that is fair, is written at the top of each file in `benchmarks/`.
"""


def options(description: str) -> argparse.ArgumentParser:
    """What every benchmark understands, for those that understand more."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="small sizes, one round, no page written")
    return parser


def tiny(description: str) -> bool:
    """Whether the run is only to show that the benchmark works: small sizes, nothing written."""
    return bool(options(description).parse_args().tiny)


@dataclass
class Claim:
    """Figures of both sides by round. ``aim`` bounds ours/peer: from below for rates, from above for times."""

    what: str
    unit: str
    aim: float | None = None
    better: Literal["more", "less"] = "more"
    ours: list[float] = field(default_factory=list)
    peer: list[float] = field(default_factory=list)
    beside: str = "peer"

    @property
    def ratio(self) -> float:
        return median(a / b for a, b in zip(self.ours, self.peer, strict=True))

    @property
    def verdict(self) -> str:
        if self.aim is None:
            return "reported"
        met = self.ratio >= self.aim if self.better == "more" else self.ratio <= self.aim
        return "met" if met else "**missed**"

    @property
    def aimed(self) -> str:
        return "" if self.aim is None else f"{'≥' if self.better == 'more' else '≤'} {self.aim:g}"

    def row(self) -> str:
        cells = [self.what, self.beside, _figures(self.ours), _figures(self.peer), self.unit]
        return " | ".join(["", *cells, f"{self.ratio:.2f}", self.aimed, self.verdict, ""]).strip()


def _figures(values: Sequence[float]) -> str:
    def short(value: float) -> str:
        return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"

    if len(values) == 1:
        return short(values[0])
    return f"{short(median(values))} ({short(min(values))}–{short(max(values))})"


@dataclass
class Figure:
    """What has no peer. ``most`` bounds each value from above; a bound of 0 means none at all."""

    what: str
    unit: str
    values: list[float] = field(default_factory=list)
    most: float | None = None

    @property
    def verdict(self) -> str:
        if self.most is None:
            return "reported"
        return "met" if max(self.values) <= self.most else "**missed**"

    @property
    def aimed(self) -> str:
        return "" if self.most is None else f"≤ {self.most:g}" if self.most else "0"

    def row(self) -> str:
        return f"| {self.what} | {_figures(self.values)} | {self.unit} | {self.aimed} | {self.verdict} |"

    def line(self) -> str:
        aim = f" (aim {self.aimed})" if self.aimed else ""
        return f"{self.what}: {_figures(self.values)} {self.unit}{aim}: {self.verdict.strip('*')}"


@dataclass
class Report:
    """The run of one benchmark: print as it goes, then write its section unless the run is tiny."""

    name: str
    tiny: bool
    notes: list[str] = field(default_factory=list)
    load_before: float = field(default_factory=lambda: os.getloadavg()[0])

    def finish(self, claims: Sequence[Claim], measured: Sequence[Figure] = ()) -> None:
        for claim in claims:
            ours, peer = _figures(claim.ours), _figures(claim.peer)
            aim = f", aim {claim.aimed}: {claim.verdict.strip('*')}" if claim.aim is not None else ""
            print(f"{claim.what}: {ours} {claim.unit} against {peer} ({claim.beside}); ratio {claim.ratio:.2f}{aim}")
        for figure in measured:
            print(figure.line())
        for note in self.notes:
            print(f"  {note}")
        if not self.tiny:
            write_section(DOCUMENT, self.name, self._section(claims, measured))

    def _section(self, claims: Sequence[Claim], measured: Sequence[Figure]) -> str:
        tables = []
        if claims:
            head = "| what | beside | ours | peer | unit | ratio | aim | |\n|---|---|---|---|---|---|---|---|"
            tables.append("\n".join([head, *(claim.row() for claim in claims)]))
        if measured:
            head = "| what | measured | unit | aim | |\n|---|---|---|---|---|"
            tables.append("\n".join([head, *(figure.row() for figure in measured)]))
        facts = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load average before it {self.load_before:.2f}; {_machine()}."
        notes = "".join(f"\n- {note}" for note in self.notes)
        return "\n\n".join([*tables, f"{facts}\n{notes}".rstrip()]) + "\n"


def _machine() -> str:
    cores = os.cpu_count()
    said = subprocess.run(["/usr/lib/postgresql/15/bin/postgres", "-V"], capture_output=True, text=True, check=True)
    postgres = re.sub(r"postgres \((\S+)\) (\S+).*", r"\1 \2", said.stdout.strip())
    parts = ", ".join(f"{name} {version(name)}" for name in ("fastapi", "asyncpg", "sqlalchemy", "uvicorn"))
    return f"{cores} cores, {platform.machine()}, Python {platform.python_version()}, {postgres}, {parts}"


def write_section(document: Path, name: str, body: str) -> None:
    """Replace the section of that name, keep the others, in order of their names."""
    sections: dict[str, str] = {}
    if document.exists():
        for part in document.read_text().split("\n## ")[1:]:
            title, _, rest = part.partition("\n")
            sections[title] = rest.strip()
    sections[name] = body.strip()
    written = "".join(f"\n## {title}\n\n{text}\n" for title, text in sorted(sections.items()))
    document.write_text(HEAD + written)
