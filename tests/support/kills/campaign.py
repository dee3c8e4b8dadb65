"""Kills under load: so many, over all pairs of victim and point, and then the comparison with the model."""

from __future__ import annotations

import random
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from support.kills import checks, renters, spaces
from support.kills.installation import AT_ONCE, SERVERS, Installation, pairs
from support.kills.settling import settle
from support.kills.world import Violation, World

Pair = tuple[str, str]
RENTERS = 4


@dataclass
class Report:
    """What a campaign did and found."""

    kills: Counter[Pair] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)
    seconds: float = 0.0
    settle_seconds: float = 0.0
    bookings: Counter[str] = field(default_factory=Counter)
    payments: Counter[str] = field(default_factory=Counter)
    spaces: int = 0
    people: int = 0
    lost_answers: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    mails: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)

    def lines(self) -> list[str]:
        """The report for people."""
        rows = [f"{victim:22} {point:24} {count:4}" for (victim, point), count in sorted(self.kills.items())]
        total = self.kills.total()
        return [
            *rows,
            f"kills {total} in {self.seconds:.0f} s ({self.seconds / max(1, total):.1f} s each),"
            f" at rest after {self.settle_seconds:.1f} s",
            f"acknowledged: bookings {dict(self.bookings)}, payments {dict(self.payments)},"
            f" spaces {self.spaces}, people {self.people}",
            f"answers lost and asked for again {self.lost_answers}, events delivered twice {self.duplicates},"
            f" mails {dict(self.mails)}",
            f"answers of 500 {dict(self.faults)}, processes that ended by themselves {dict(self.ended)}",
            f"violations {len(self.violations)}",
        ]


def schedule(kills: int, seed: object) -> list[Pair]:
    """Every pair as often as any other, in a mixed order; servers, which take long to come back, only once in two."""
    chance, order = random.Random(seed), list[Pair]()
    while len(order) < kills:
        round_ = pairs()
        if len(order) >= len(pairs()):
            round_ = [pair for pair in round_ if pair[0] not in SERVERS or chance.random() < 0.5]
        chance.shuffle(round_)
        order += round_
    return order[:kills]


def cover(seed: object) -> list[Pair]:
    """Each victim and each point at least once, in a mixed order: what `make test` has time for."""
    chance, left = random.Random(seed), pairs()
    victims, points = {victim for victim, _ in left}, {point for _, point in left}
    chosen: list[Pair] = []
    while victims or points:
        chance.shuffle(left)
        best = max(left, key=lambda pair: (pair[0] in victims) + (pair[1] in points))
        chosen.append(best)
        victims.discard(best[0])
        points.discard(best[1])
    return chosen


class Campaign:
    """One load and one sequence of kills over an installation."""

    def __init__(self, installation: Installation, seed: object = 1) -> None:
        self.installation, self.seed = installation, seed
        self.chance = random.Random(seed)
        self.world = World(installation, renters=RENTERS)
        self.report = Report()

    def run(self, order: list[Pair]) -> Report:
        """Kill in this order under load, let everything come to rest, compare."""
        begun, before = time.monotonic(), self.installation.duplicates()
        threads = [threading.Thread(target=work, daemon=True) for work in self._load()]
        for thread in threads:
            thread.start()
        try:
            for number, (victim, point) in enumerate(order, 1):
                self._kill(victim, point)
                print(f"{time.monotonic() - begun:6.1f} s: kill {number} of {len(order)}, {victim} {point}", flush=True)
        finally:
            self.world.over.set()
        for thread in threads:
            thread.join(180)
            if thread.is_alive():
                self.world.note("answer", "a client never came to its end")
        self.report.seconds = time.monotonic() - begun
        self.installation.wait_all_ready()
        rested = time.monotonic()
        self.report.violations = settle(self.world)
        self.report.settle_seconds = time.monotonic() - rested
        self.report.duplicates = self.installation.duplicates() - before
        self._count()
        return self.report

    def _load(self) -> list[Callable[[], None]]:
        def guarded(name: str, work: Callable[[], None]) -> Callable[[], None]:
            def run() -> None:
                try:
                    work()
                except Exception:
                    self.world.note("client", f"{name}: {traceback.format_exc()[-1500:]}")

            return run

        world, seed = self.world, self.seed
        clients = {
            f"renter {number}": lambda renter=renter, number=number: renters.steps(world, renter, f"{seed} {number}")
            for number, renter in enumerate(world.renters)
        }
        clients["spaces"] = lambda: spaces.steps(world, f"{seed} spaces")
        clients["people"] = self._people
        clients["looking on"] = self._check_counters
        return [guarded(name, work) for name, work in clients.items()]

    def _people(self) -> None:
        while not self.world.over.wait(0.7):
            self.world.register()

    def _check_counters(self) -> None:
        """No moment, however unlucky, shows a seat sold twice or a counter that is off."""
        while not self.world.over.wait(1.5):
            for violation in checks.counters(self.world):
                self.world.note(violation.sort, f"in the middle: {violation.text}")

    def _kill(self, victim: str, point: str) -> None:
        installation = self.installation
        installation.ready(victim)
        if point == AT_ONCE:
            time.sleep(self.chance.uniform(0, 0.5))
            installation.kill(victim)
        else:
            installation.arm(victim, point)
            try:
                installation.await_kill(victim)
            except AssertionError as error:
                self.world.note("not reached", str(error))
                return
        self.report.kills[victim, point] += 1
        if victim in SERVERS:
            installation.ready(victim)

    def _count(self) -> None:
        report, world = self.report, self.world
        report.bookings = Counter(booked.status for booked in world.bookings.values())
        for booked in world.bookings.values():
            report.payments.update(booked.payments.values())
        report.spaces, report.people = len(world.resources.declared), len(world.people)
        for caller in world.people:
            report.lost_answers += caller.lost
            report.faults += caller.faults
        report.ended = self.installation.ended
        taken = self.installation.mails.taken
        report.mails = Counter({"sent": len(taken), "sent twice": sum(count > 1 for count in taken.values())})
