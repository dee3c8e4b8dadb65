"""What the store of accounts returns and takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mesto.auth.accounts.rules import VerifiedSpan


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in.

    ``email_key`` is what all spellings of the address have in common, None where two accounts have one address.
    ``verified_spans`` are the addresses that it has verified, as the store noted them.
    """

    id: UUID
    email: str
    email_key: str | None
    email_verified: bool
    name: str
    phone: str | None
    locale: str
    roles: list[str]
    password_hash: str
    verified_spans: list[VerifiedSpan]
    revision: int
    created_at: datetime


@dataclass(frozen=True)
class NewAccount:
    """An account to be made."""

    id: UUID
    email: str
    email_key: str | None
    name: str
    phone: str | None
    locale: str
    roles: list[str]
    password_hash: str
    email_verified: bool = False


@dataclass(frozen=True)
class AccountChanges:
    """What is to be changed of an account; None leaves a field as it is."""

    name: str | None = None
    roles: list[str] | None = None
    email_verified: bool | None = None
    locale: str | None = None
    password_hash: str | None = None
    email: str | None = None
    email_key: str | None = None
    phone: str | None = None
    """An empty one removes it."""
