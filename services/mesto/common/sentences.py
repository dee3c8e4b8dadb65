"""Sentences for people: what a fault says without the words of the library, numbers with their noun."""

from __future__ import annotations

_PREFIXES = ("Value error, ", "Assertion failed, ")


def validator_message(message: str) -> str:
    """Return what a validator of ours has said: Pydantic puts the kind of the exception before it."""
    for prefix in _PREFIXES:
        message = message.removeprefix(prefix)
    return message


def count(number: int, one: str, many: str = "") -> str:
    """Return ``1 page`` or ``2 pages``; ``many`` is the plural where it is not ``one`` with an s."""
    return f"{number} {one if number == 1 else many or one + 's'}"
