"""Sentences for people: what a fault says without the words of the library, numbers with their noun."""

from __future__ import annotations

_PREFIXES = ("Value error, ", "Assertion failed, ")


def validator_message(message: str) -> str:
    """Return what a validator of ours has said: Pydantic puts the kind of the exception before it."""
    for prefix in _PREFIXES:
        message = message.removeprefix(prefix)
    return message


def count(number: int, singular: str, plural: str = "") -> str:
    """Return ``1 page`` or ``2 pages``; ``plural`` is given where it is not ``singular`` with an s."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"
