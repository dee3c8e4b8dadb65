"""Bodies of the accounts' APIs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import phonenumbers
from mesto.auth.accounts.records import Account
from mesto.auth.security_log.records import Entry
from mesto.common.identity.emails import Email
from mesto.contracts.fields import Flag, Instant, Plain
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints


def _phone(value: str) -> str:
    """Return a number in E.164, for example +74951234567."""
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise ValueError("Write the phone with its country code, for example +7 495 123-45-67.")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


Phone = Annotated[Plain, Field(max_length=40), AfterValidator(_phone)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$")
]
Password = Annotated[str, Field(min_length=1, max_length=200)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class User(BaseModel):
    """An account as its holder sees it. ``role`` is the role of registration, ``roles`` are all."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    email: str
    email_verified: bool
    name: str
    phone: str | None
    locale: Literal["ru", "en"]
    role: str
    roles: list[str]
    created_at: datetime

    @classmethod
    def of(cls, account: Account) -> User:
        """Return the account as its holder sees it."""
        fields = {name: getattr(account, name) for name in cls.model_fields if name != "role"}
        return cls(role=account.roles[0], **fields)


class Grant(Body):
    email: Email
    role: Literal["renter", "owner", "moderator", "admin"]


class EnsuredAccount(Body):
    email: Email
    password: Annotated[str, Field(min_length=10, max_length=128)]
    name: Name
    role: Literal["renter", "owner", "moderator", "admin"]
    verified: Flag = False
    replace: Flag = False
    locale: Literal["ru", "en"] = "en"


class LogQuery(Body):
    """Whose entries of the security log, everybody's without an e-mail; the latest, or those since then."""

    email: Email | None = None
    since: Instant | None = None
    limit: Annotated[int, Field(strict=True, ge=1, le=1000)] = 100


class LogEntry(BaseModel):
    """An entry of the security log; ``person`` and ``actor`` are hashes."""

    at: datetime
    kind: str
    person: str | None
    actor: str | None
    address: str
    user_agent: str
    details: dict[str, str]
    request_id: str

    @classmethod
    def of(cls, entry: Entry) -> LogEntry:
        """Return the entry as JSON can say it."""
        return cls(
            at=entry.at,
            kind=entry.kind,
            person=entry.person.hex() if entry.person else None,
            actor=entry.actor.hex() if entry.actor else None,
            address=entry.address,
            user_agent=entry.user_agent,
            details={name: str(value) for name, value in entry.details.items()},
            request_id=entry.request_id,
        )


class LogPage(BaseModel):
    """Entries of the security log, the last first."""

    items: list[LogEntry]
