"""Why a renter can't book a space now, as sentences: pure, for `mesto explain`."""

from __future__ import annotations

from collections.abc import Iterator

from mesto.cli import status_tree
from mesto.cli.command_line import command
from mesto.operator.objects import ConditionFields, Resource, Status

# What to do, by the reason of a condition. Reasons without a line here pass by themselves or say it in their message.
_TODO = {
    "Unpublished": "Write published: true into the spec, or leave it to the owner's cabinet by leaving it out.",
    "NoResources": "Declare what can be booked under spec.resources.",
    "NoPrices": "Give a resource a price: spec.resources[].prices.",
    "NothingFits": "Change what the message names in spec.resources[], or give the space longer hours.",
    "NoOpeningHours": "Declare when it is open: spec.openingHours.",
    "Conflict": "Choose another spec.slug, or delete the resource that has this one. "
    "Two that swap their slugs need a third one: give it to one of them first.",
    "AdoptUnknown": "Correct the annotation mesto.dev/adopt, or remove it to make a new space.",
    "AdoptNeeded": "Write another spec.slug, or take the space over: annotate mesto.dev/adopt with its id.",
    "Invalid": "Correct the spec and apply it again.",
}


def sentences(space: Resource) -> Iterator[str]:
    """Yield sentences, the cause that hinders most first; one when all is well. None comes twice."""
    metadata, conditions = space["metadata"], status_tree.conditions(space)
    newest = metadata.get("generation")
    if metadata.get("deletionTimestamp"):
        yield f"It is being deleted since {metadata['deletionTimestamp']}."
    if (metadata.get("annotations") or {}).get("mesto.dev/paused", "false") not in ("", "false"):
        resume = command("resume", f"cws/{metadata['name']}", namespace=metadata["namespace"])
        yield f"The operator leaves it alone, mesto.dev/paused is set: {resume}"
    if not conditions:
        yield "The operator has not looked at it yet. If it stays so: does one run that watches this namespace?"
        return
    for names, condition in _blockers(conditions):
        yield from _blocker_sentences(names, condition, newest)
    moving = conditions.get("Progressing", ConditionFields())
    if moving.get("status") == "True" and conditions.get("Ready", ConditionFields()).get("status") == "True":
        yield f"Generation {newest} is being applied: {moving.get('message') or moving['reason']}"
    if bookable(space):
        yield _booking_sentence(space, generation(space), newest)


def _booking_sentence(space: Resource, booked: int | None, newest: int | None) -> str:
    """Return what renters book now."""
    status = space.get("status") or Status()
    where = status.get("url") or status.get("slug")
    if booked != newest:
        return f"A renter can book generation {booked} of it now: {where}; generation {newest} waits, see above."
    if "deletionTimestamp" in space["metadata"]:
        return f"A renter can book it until it is gone: {where}"
    return f"A renter can book it now: {where}"


def bookable(space: Resource) -> bool:
    """Return whether a renter can book it now: the newest generation, or the one before while that waits."""
    return bool(status_tree.conditions(space).get("Bookable", ConditionFields()).get("status") == "True")


def generation(space: Resource) -> int | None:
    """Return the generation that renters book, None when they book none."""
    return status_tree.conditions(space)["Bookable"].get("observedGeneration") if bookable(space) else None


def _blockers(conditions: dict[str, ConditionFields]) -> Iterator[tuple[list[str], ConditionFields]]:
    """Return conditions that are not True, those that say the same together."""
    found: dict[tuple[object, ...], tuple[list[str], ConditionFields]] = {}
    for name in ("Synced", "Ready", "Bookable", "Plausible"):
        condition = conditions.get(name)
        if condition and condition["status"] != "True" and condition["reason"] != "Paused":
            same = tuple(condition.get(field) for field in ("status", "reason", "message", "observedGeneration"))
            found.setdefault(same, ([], condition))[0].append(name)
    return iter(found.values())


def _blocker_sentences(names: list[str], condition: ConditionFields, newest: int) -> Iterator[str]:
    old = (
        ""
        if condition.get("observedGeneration") == newest
        else f" (said of generation {condition.get('observedGeneration')})"
    )
    *others, last = names
    who = f"{', '.join(others)} and {last} are" if others else f"{last} is"
    yield f"{who} {condition['status']}, {condition['reason']}{old}: {condition.get('message') or 'no more is known.'}"
    if todo := _TODO.get(condition["reason"]):
        yield f"  → {todo}"
