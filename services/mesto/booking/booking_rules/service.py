"""A broken rule as the API answers it."""

from __future__ import annotations

from mesto.booking.booking_rules.rules import RuleViolation
from mesto.common.errors import FieldError, Problem

CONFLICTS = {"not-bookable", "no-price"}


def rule_problem(error: RuleViolation) -> Problem:
    """Return 409 where the space does not let it be booked, 422 where the request can be put right."""
    status = 409 if error.code in CONFLICTS else 422
    return Problem(status, error.code, error.message, errors=[FieldError(field=error.field, message=error.message)])
