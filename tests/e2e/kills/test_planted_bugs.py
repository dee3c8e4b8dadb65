"""Each planted bug is caught: a short scenario with it ends in a violation of the right sort, without it in none."""

from __future__ import annotations

import contextlib
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from support.kills import renters
from support.kills.bugs import BUGS
from support.kills.echo import Echo
from support.kills.installation import Installation
from support.kills.settling import quiet, settle
from support.kills.world import Booked, World
from support.waiting import eventually

pytestmark = pytest.mark.timeout(300)
CHANCE = random.Random(4)
Work = Callable[[World], None]


def held(world: World) -> Booked:
    """A hold, which there are seats for."""
    booked = renters.hold(world, world.renters[0], "instant", renters.some_time(CHANCE))
    assert booked is not None
    return booked


def killed(world: World, victim: str, point: str, work: Work) -> None:
    """The victim is killed at its point while `work` is done."""
    running = world.installation
    running.arm(victim, point)
    work(world)
    running.await_kill(victim)
    running.ready(victim)


def a_mail_while_killed(victim: str, point: str) -> Work:
    """A booking is paid, which leads to a mail, while the victim is killed."""

    def work(world: World) -> None:
        booked = held(world)
        at_rest(world)
        killed(world, victim, point, lambda world: renters.pay(world, booked))

    return work


def a_hold_while_killed(point: str) -> Work:
    """A hold is asked for while booking is killed, and asked for again."""
    return lambda world: killed(world, "booking", point, lambda world: void(held(world)))


def void(_: object) -> None:
    """For the sake of a lambda's type."""


def at_rest(world: World) -> None:
    """Nothing of what came before is under way: a kill at a point that all events pass is to meet the right one."""
    assert settle(world) == []
    eventually(lambda: quiet(world), "nothing of what came before is under way")


def paid_and_paid_again(world: World) -> None:
    """Booking is killed in the middle of a payment; the renter asks again."""
    booked = held(world)
    payment = renters.start_payment(world, booked)
    killed(world, "booking", "request.after_commit", lambda world: renters.settle(world, booked, payment))


def a_payment(world: World) -> None:
    """Nothing is killed: a booking is paid."""
    renters.pay(world, held(world))


def an_old_state_comes_again(world: World) -> None:
    """A space is changed; then the broker delivers the event of its first state once more."""
    hot = world.hot["instant"]
    before = world.resources.declared[hot.name]
    assert before is not None
    with Echo(world.platform) as echo:
        for number in range(2):
            spec = {name: before["spec"][name] for name in ("booking", "owner")}
            world.resources.apply(world.space(hot.name, title={"en": f"Changed {number}"}, **spec))
            at_rest(world)
        echo.publish_again("space.changed", hot.resource_id)


def a_transition_comes_again(world: World) -> None:
    """The broker delivers a transition twice."""
    with Echo(world.platform) as echo:
        booked = held(world)
        renters.pay(world, booked)
        at_rest(world)
        echo.publish_again("booking.confirmed", booked.id)


def a_space_while_the_operator_is_killed(world: World) -> None:
    """A space is applied; the operator is killed when it has its finalizer and catalog knows nothing of it."""
    first, name = f"{world.namespace}-first", f"{world.namespace}-new"
    titles = itertools.count()

    def handled() -> bool:
        # Being ready does not mean that every watch has begun: what is applied before that "was there already".
        world.resources.apply(world.space(first, title={"en": f"First {next(titles)}"}))
        return settle(world, 10) == []

    eventually(handled, "the operator's watch to tell of a space", 120)
    killed(world, "operator", "operator.after_finalizer", lambda world: world.resources.apply(world.space(name)))


@dataclass(frozen=True)
class Scenario:
    """`sorts` are those of violations, any of which shows that the bug is caught."""

    work: Work
    sorts: tuple[str, ...]
    kinds: tuple[str, ...] = ("instant",)


SCENARIOS: dict[str, Scenario] = {
    "ack-before-commit": Scenario(a_mail_while_killed("notifications", "consumer.before_commit"), ("event",)),
    "no-dedupe": Scenario(a_transition_comes_again, ("repeated",)),
    "event-outside-transaction": Scenario(paid_and_paid_again, ("event",)),
    "deleted-before-confirm": Scenario(a_mail_while_killed("booking", "relay.before_publish"), ("event",)),
    "lost-wake-up": Scenario(a_payment, ("outbox",)),
    "revision-ignored": Scenario(an_old_state_comes_again, ("projection",)),
    "counters-outside-transaction": Scenario(a_hold_while_killed("request.after_commit"), ("counter",)),
    "payment-outside-transaction": Scenario(paid_and_paid_again, ("payment",)),
    "key-after-commit": Scenario(a_hold_while_killed("request.after_commit"), ("doubled",)),
    "sent-before-handed-over": Scenario(a_mail_while_killed("notifications-worker", "mail.before_sending"), ("mail",)),
    "operator-forgets": Scenario(a_space_while_the_operator_is_killed, ("condition",), ()),
}


@contextlib.contextmanager
def without_second_guard(running: Installation, bug: str) -> Iterator[None]:
    """Deduping has two guards, the inbox and a unique key; a bug in one shows when the other is away."""
    if bug != "no-dedupe":
        yield
        return
    key = "uq_deliveries_event_id_kind"
    running.platform.sql(f"ALTER TABLE notifications.deliveries DROP CONSTRAINT {key}")
    yield
    running.platform.sql(
        "DELETE FROM notifications.deliveries a USING notifications.deliveries b"
        " WHERE a.event_id = b.event_id AND a.kind = b.kind AND a.id < b.id"
    )
    running.platform.sql(f"ALTER TABLE notifications.deliveries ADD CONSTRAINT {key} UNIQUE (event_id, kind)")


def test_every_planted_bug_has_a_scenario() -> None:
    assert set(SCENARIOS) == set(BUGS)


@pytest.mark.parametrize("bug", SCENARIOS)
def test_a_planted_bug_is_caught(running: Installation, bug: str) -> None:
    scenario = SCENARIOS[bug]
    eventually(lambda: settle(World(running, kinds=())) == [], "nothing is left of the scenario before", 120)
    clean = World(running, kinds=scenario.kinds)
    scenario.work(clean)
    assert settle(clean) == [], "the scenario is wrong without the bug, too"

    wrong = World(running, kinds=scenario.kinds)
    with running.planted(bug, *BUGS[bug].victims), without_second_guard(running, bug):
        scenario.work(wrong)
        found = settle(wrong, seconds=20, rest=3)
    sorts = {violation.sort for violation in found}
    assert sorts & set(scenario.sorts), f"{BUGS[bug].what}: not caught; found {found}"
