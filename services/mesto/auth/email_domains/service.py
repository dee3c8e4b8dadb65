"""Domains whose addresses the platform does not take, by its policy."""

from __future__ import annotations

from disposable_email_domains import blocklist
from mesto.auth.email_domains import rules
from mesto.common.errors import FieldError, Problem
from mesto.common.identity import emails
from mesto.contracts.policy import AuthPolicy


def check_domain(email: str, policy: AuthPolicy) -> None:
    """Raise Problem 422 for an address whose domain, or one above it, the policy refuses."""
    domain = emails.domain(email)
    named = (emails.domain(f"anybody@{listed}") for listed in policy.refused_email_domains)
    if domain is None:
        return
    if rules.is_within(domain, {listed for listed in named if listed is not None}):
        raise _refused("Addresses of this domain are not taken here. Write another one.")
    if policy.disposable_email == "Refuse" and rules.is_within(domain, blocklist):
        raise _refused("This is an address to throw away. Write one whose mails you go on reading.")


def _refused(sentence: str) -> Problem:
    return Problem(422, "email-refused", sentence, errors=[FieldError(field="email", message=sentence)])
