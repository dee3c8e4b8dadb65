"""Bodies of the accounts' APIs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import phonenumbers
from mesto.auth.accounts.records import Account
from mesto.common.identity.emails import Email
from mesto.contracts.fields import Flag, Plain
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
