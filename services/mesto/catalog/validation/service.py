"""The problems of a declared space that cannot be stored."""

from __future__ import annotations

from mesto.catalog.validation import rules
from mesto.common.errors import FieldError, Problem
from mesto.contracts.spaces import SpaceSpec


def refusal_of(spec: SpaceSpec, within: str = "spec.") -> Problem | None:
    """Return 422 with all that is wrong with a spec, None for a sound one; ``within`` begins the fields' paths."""
    errors = [FieldError(field=within + name, message=message) for name, message in rules.faults(spec)]
    return Problem(422, "invalid-space", errors[0].message, errors=errors) if errors else None


def slug_refusal_of(slug: str) -> Problem | None:
    """Return 422 for a slug that no space may have."""
    if not rules.is_id(slug):
        return None
    message = "A slug must not look like an id: write a name, for example chistye-prudy-loft."
    return Problem(422, "invalid-space", message, errors=[FieldError(field="slug", message=message)])
