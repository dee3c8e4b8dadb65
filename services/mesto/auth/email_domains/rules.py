"""Which domains of addresses a list means."""

from __future__ import annotations

from collections.abc import Collection


def is_within(domain: str, listed: Collection[str]) -> bool:
    """Return whether a domain is listed, or lies below one that is; all in ASCII and small letters."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in listed for start in range(len(labels)))
