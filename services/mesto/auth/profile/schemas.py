"""Bodies of one's own account."""

from __future__ import annotations

from typing import Literal

from mesto.auth.accounts.records import Account
from mesto.auth.accounts.schemas import Body, Name, Password, Phone, User


class Profile(User):
    """An account as its holder sees it; ``pending_email`` is an address that waits for its confirmation."""

    pending_email: str | None = None

    @classmethod
    def describe(cls, account: Account, pending_email: str | None) -> Profile:
        """Return the account as its holder sees it."""
        return cls(**User.of(account).model_dump(), pending_email=pending_email)


class ProfileEdit(Body):
    """What to change: fields that are left out stay, null removes the phone."""

    name: Name | None = None
    phone: Phone | None = None
    locale: Literal["ru", "en"] | None = None


class PasswordChange(Body):
    """The password that counts now, and the one that counts from now on."""

    current: Password
    new: Password
