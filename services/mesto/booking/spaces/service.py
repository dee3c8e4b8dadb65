"""What other features may do with spaces and resources: read and lock them, in a transaction of their own."""

from __future__ import annotations

from mesto.booking.spaces.store import (
    find_resource,
    find_space,
    list_offered,
    list_resource_ids,
    list_resources,
    lock_resource,
    lock_resource_shared,
    lock_resources,
    lock_space,
)

__all__ = [
    "find_resource",
    "find_space",
    "list_offered",
    "list_resource_ids",
    "list_resources",
    "lock_resource",
    "lock_resource_shared",
    "lock_resources",
    "lock_space",
]
