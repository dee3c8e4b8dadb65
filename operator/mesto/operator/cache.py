"""What the operator knows: the newest version of each resource and of each space's state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from mesto.contracts.spaces import SpaceState

Resource = dict[str, Any]


class Key(NamedTuple):
    """A resource by its plural, namespace and name: what the queue carries."""

    plural: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.plural}/{self.namespace}/{self.name}"


def key_of(plural: str, resource: Mapping[str, Any]) -> Key:
    """The key of a resource."""
    return Key(plural, resource["metadata"]["namespace"], resource["metadata"]["name"])


def _version(resource: Mapping[str, Any]) -> int:
    return int(resource["metadata"]["resourceVersion"])


class ResourceCache:
    """Fed by watch events and by the answers to our own patches; older versions never replace newer ones."""

    def __init__(self) -> None:
        self._resources: dict[Key, Resource] = {}

    def get(self, key: Key) -> Resource | None:
        """The newest version, None for a resource that is gone."""
        return self._resources.get(key)

    def keys(self) -> list[Key]:
        """Everything there is."""
        return list(self._resources)

    def all(self, plural: str) -> list[Resource]:
        """The newest version of every resource of a kind."""
        return [resource for key, resource in self._resources.items() if key.plural == plural]

    def knows(self, plural: str, resource: Mapping[str, Any]) -> bool:
        """Whether this version or a newer one is kept."""
        known = self._resources.get(key_of(plural, resource))
        return known is not None and _version(resource) <= _version(known)

    def put(self, plural: str, resource: Resource) -> bool:
        """Keep a version unless it or a newer one is known; whether it is news."""
        if self.knows(plural, resource):
            return False
        resource["metadata"].pop("managedFields", None)
        self._resources[key_of(plural, resource)] = resource
        return True

    def drop(self, plural: str, resource: Resource) -> None:
        """The resource was deleted; a successor of the same name stays."""
        key = key_of(plural, resource)
        known = self._resources.get(key)
        if known is not None and known["metadata"]["uid"] == resource["metadata"]["uid"]:
            del self._resources[key]


def _age(state: SpaceState) -> tuple[int, ...]:
    """Grows with everything that can change in a state."""
    answers = sum(answer.revision for answer in state.applied.values())
    located = state.located.space_revision if state.located else 0
    return state.revision, state.generation, answers, located


class StateCache:
    """The newest SpaceState per uid, from catalog's feed and from its answers to upserts, in any order."""

    def __init__(self) -> None:
        self._states: dict[UUID, SpaceState] = {}

    def get(self, uid: UUID) -> SpaceState | None:
        """The newest state, None when catalog has never named this uid."""
        return self._states.get(uid)

    def put(self, state: SpaceState) -> bool:
        """Keep a state unless a newer one is known; whether it is news."""
        known = self._states.get(state.uid)
        if known is not None and (_age(state) < _age(known) or state == known):
            return False
        self._states[state.uid] = state
        return True

    def drop(self, uid: UUID) -> None:
        """The resource is gone."""
        self._states.pop(uid, None)
