"""Why a renter can't book a space now, as sentences: pure, for `mesto explain`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mesto.cli import tree

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


def sentences(space: tree.Resource) -> Iterator[str]:
    """From the cause that hinders most to what follows from it; one sentence when a renter can book it now."""
    metadata, conditions = space["metadata"], tree.conditions(space)
    newest = metadata.get("generation")
    if metadata.get("deletionTimestamp"):
        yield f"It is being deleted since {metadata['deletionTimestamp']}."
    if (metadata.get("annotations") or {}).get("mesto.dev/paused", "false") not in ("", "false"):
        yield f"The operator leaves it alone, mesto.dev/paused is set: kubectl mesto resume cws/{metadata['name']}"
    if not conditions:
        yield "The operator has not looked at it yet. If it stays so: does one run that watches this namespace?"
        return
    for name in ("Synced", "Ready", "Bookable", "Plausible"):
        one = conditions.get(name)
        if one and one["status"] != "True" and one["reason"] != "Paused":
            yield from _hindrance(name, one, newest)
    moving = conditions.get("Progressing", {})
    if moving.get("status") == "True" and conditions.get("Ready", {}).get("status") == "True":
        yield f"Generation {newest} is being applied: {moving.get('message') or moving['reason']}"
    last = conditions.get("Bookable", {})
    if bookable(space):
        yield f"A renter can book it now: {space['status'].get('url') or space['status'].get('slug')}"
    elif last.get("status") == "True":
        yield f"Until then renters book generation {last.get('observedGeneration')} of it."


def bookable(space: tree.Resource) -> bool:
    """Whether a renter can book what the newest generation declares, and it is there to stay."""
    last = tree.conditions(space).get("Bookable", {})
    return tree.ready(space) and last.get("status") == "True" and "deletionTimestamp" not in space["metadata"]


def _hindrance(name: str, one: dict[str, Any], newest: int) -> Iterator[str]:
    old = "" if one.get("observedGeneration") == newest else f" (said of generation {one.get('observedGeneration')})"
    yield f"{name} is {one['status']}, {one['reason']}{old}: {one.get('message') or 'no more is known.'}"
    if todo := _TODO.get(one["reason"]):
        yield f"  → {todo}"
