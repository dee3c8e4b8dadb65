"""The words that a mail is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MailText:
    """A mail's words in one language: ``facts`` are label and value, ``button`` is what the link is called."""

    subject: str
    greeting: str
    lead: str
    notes: list[str]
    facts: list[tuple[str, str]]
    button: str
    footer: str
