"""When a mail that could not be sent is tried again, and how many mails an address gets."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from mesto.contracts.policy import MailCap
from mesto.notifications.messages.rules import account as account_mails
from mesto.notifications.messages.rules import address_taken, email_change, owner_invitation, verification

ATTEMPTS = 24
"""About half a day of trying (the pauses grow to an hour), then a person has to look."""
LONGEST_PAUSE = 3600


def retry_seconds(attempts: int) -> int:
    """Return the pause after so many failed attempts: 5 s, 10 s, 20 s … an hour at most."""
    return min(5 << max(attempts - 1, 0), LONGEST_PAUSE)


ADDRESSED = account_mails.KINDS | {owner_invitation.KIND}
"""Kinds whose content may say where they go; it is forgotten when they are sent, as it carries tokens and addresses."""
_ALONE = account_mails.KINDS - {verification.KIND}
"""Kinds that are counted each by itself: nobody keeps the mail from somebody that gives their account back, or says
that it is being taken, by causing mails of other kinds to them; nor the others by asking for such mails."""
_ASKED_BY_ANYBODY = frozenset({email_change.KIND, address_taken.KIND})
_SAFETY_CAP = MailCap(mails=10, hours=1)
"""Twice what auth sends to recover an account of one address: late mails must not count against later ones."""


@dataclass(frozen=True)
class Cap:
    """How many mails go to an address within so many hours: of ``kinds``, or of all but ``kinds`` where ``others``."""

    limit: MailCap
    kinds: Collection[str]
    others: bool = False


def cap_of(kind: str, policy: MailCap) -> Cap:
    """Return the cap that counts for a kind of mail."""
    if kind not in _ALONE:
        return Cap(policy, _ALONE, others=True)
    return Cap(policy if kind in _ASKED_BY_ANYBODY else _SAFETY_CAP, {kind})
