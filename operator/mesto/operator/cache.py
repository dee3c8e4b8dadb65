"""What the operator knows: the newest version of each resource and of each space's state.

Kept as JSON, a quarter of what the objects take, for most of thousands of resources lie still: each look parses one
anew, in some microseconds, and is free to change what it gets.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, cast
from uuid import UUID

import orjson
from mesto.contracts.spaces import SpaceState
from mesto.operator.objects import Resource, conditions_of

ConditionSummary = tuple[str, str, str]
"""Type, status and reason of a condition."""


class Key(NamedTuple):
    """A resource by its plural, namespace and name: what the queue carries."""

    plural: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.plural}/{self.namespace}/{self.name}"


def key_of(plural: str, resource: Resource) -> Key:
    """Return the key of a resource."""
    return Key(plural, resource["metadata"]["namespace"], resource["metadata"]["name"])


def _version(resource: Resource) -> int:
    return int(resource["metadata"]["resourceVersion"])


class _CachedResource(NamedTuple):
    """A version of a resource; its ``conditions`` are counted more often than all else is read."""

    version: int
    uid: str
    text: bytes
    conditions: tuple[ConditionSummary, ...]


class ResourceCache:
    """Fed by watch events and by the answers to our own patches; older versions never replace newer ones."""

    def __init__(self) -> None:
        self._resources: dict[Key, _CachedResource] = {}
        # Thousands of resources say the same few things.
        self._alike: dict[tuple[ConditionSummary, ...], tuple[ConditionSummary, ...]] = {}

    def get(self, key: Key) -> Resource | None:
        """Return the newest version, None for a resource that is gone."""
        kept = self._resources.get(key)
        return None if kept is None else cast(Resource, orjson.loads(kept.text))

    def __contains__(self, key: Key) -> bool:
        return key in self._resources

    def keys(self) -> list[Key]:
        """Return the keys of everything there is."""
        return list(self._resources)

    def all(self, plural: str) -> list[Resource]:
        """Return the newest version of every resource of a kind."""
        return [orjson.loads(kept.text) for key, kept in self._resources.items() if key.plural == plural]

    def conditions(self, plural: str) -> Iterator[ConditionSummary]:
        """Yield what the conditions of all resources of a kind say."""
        for key, kept in self._resources.items():
            if key.plural == plural:
                yield from kept.conditions

    def knows(self, plural: str, resource: Resource) -> bool:
        """Return whether this version or a newer one is kept."""
        known = self._resources.get(key_of(plural, resource))
        return known is not None and _version(resource) <= known.version

    def update(self, plural: str, resource: Resource) -> bool:
        """Keep a version unless it or a newer one is known; return whether it is news."""
        if self.knows(plural, resource):
            return False
        metadata = resource["metadata"]
        kept = {name: value for name, value in metadata.items() if name != "managedFields"}
        listed = conditions_of(resource)
        conditions = tuple((item["type"], item["status"], item.get("reason", "")) for item in listed)
        self._resources[key_of(plural, resource)] = _CachedResource(
            version=_version(resource),
            uid=metadata["uid"],
            text=orjson.dumps({**resource, "metadata": kept}),
            conditions=self._alike.setdefault(conditions, conditions),
        )
        return True

    def drop(self, plural: str, resource: Resource) -> None:
        """Forget a resource that was deleted; a successor of the same name stays."""
        key = key_of(plural, resource)
        known = self._resources.get(key)
        if known is not None and known.uid == resource["metadata"]["uid"]:
            del self._resources[key]


def _age(state: SpaceState) -> tuple[int, ...]:
    """Return a number that grows with everything that can change in a state."""
    answers = sum(answer.revision for answer in state.applied.values())
    located = state.located.space_revision if state.located else 0
    return state.revision, state.generation, answers, located


class StateCache:
    """The newest SpaceState per uid, from catalog's feed and from its answers to upserts, in any order."""

    def __init__(self) -> None:
        self._states: dict[UUID, tuple[tuple[int, ...], bytes]] = {}

    def get(self, uid: UUID) -> SpaceState | None:
        """Return the newest state, None when catalog has never named this uid."""
        kept = self._states.get(uid)
        return None if kept is None else SpaceState.model_validate_json(kept[1])

    def update(self, state: SpaceState) -> bool:
        """Keep a state unless a newer one is known; return whether it is news."""
        news = (_age(state), state.model_dump_json().encode())
        known = self._states.get(state.uid)
        if known is not None and (news[0] < known[0] or news == known):
            return False
        self._states[state.uid] = news
        return True

    def drop(self, uid: UUID) -> None:
        """Forget the state of a resource that is gone."""
        self._states.pop(uid, None)
