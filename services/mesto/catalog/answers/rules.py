"""What an answer of a service changes: whether it is news, and where the space then stands with the public."""

from __future__ import annotations

from collections.abc import Mapping

from mesto.catalog.spaces.rules import LISTED, WITHHELD
from mesto.contracts.spaces import Applied


def newer(known: Applied | None, answer: Applied) -> bool:
    """Return whether an answer replaces the known one: a newer revision, or a later outcome of the same."""
    if known is None:
        return True
    order, before = (answer.revision, answer.sequence), (known.revision, known.sequence)
    return order > before or (order == before and answer != known)


def listing(before: str, revision: int, answers: Mapping[str, Applied], *, located: bool) -> str:
    """Return where a space stands with the public after these answers of services."""
    current = {service: answer for service, answer in answers.items() if answer.revision >= revision}
    if before == LISTED:
        return LISTED
    if any(answer.outcome == "refused" for answer in current.values()):
        return WITHHELD
    return LISTED if located and {"booking", "geo"} <= current.keys() else before
