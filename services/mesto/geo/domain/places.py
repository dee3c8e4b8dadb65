"""What a location means to the rest of the platform."""

from __future__ import annotations

LOCATED, NO_DISTRICT, UNKNOWN_CITY = "Located", "NoDistrict", "UnknownCity"


def outcome(reason: str) -> str:
    """``applied`` or ``refused``: a space outside every district is placed, one in an unknown city is not."""
    return "refused" if reason == UNKNOWN_CITY else "applied"


def message(reason: str, city: str) -> str:
    """A sentence for people that goes with the reason."""
    if reason == UNKNOWN_CITY:
        return f'The city "{city}" is not declared in the PlatformConfig: add it there or correct spec.city.'
    if reason == NO_DISTRICT:
        return f'The position lies in none of the districts loaded for the city "{city}".'
    return ""
