"""Which limits an attempt to sign in passes."""

from __future__ import annotations

from mesto.auth.rate_limits.records import Limit
from mesto.contracts.policy import SignInPolicy

DEVICE_SHARE = 5
"""A known device may guess so many times as often as all that are not: its holder errs, and locks out nobody."""


def limits_of(policy: SignInPolicy, subject: str, network: str, device: str | None) -> tuple[Limit, ...]:
    """Return the limits, the widest first: what one refuses is not counted by those after it.

    ``subject`` is the address that was typed, whether or not there is an account; ``device`` one that the account
    knows. Such a device has a limit of its own, and what others do from wherever does not stand in its way.
    """
    seconds = policy.minutes * 60
    if device is not None:
        return (Limit("sign_in_device", device, policy.per_account * DEVICE_SHARE, seconds),)
    return (
        Limit("sign_in_network", network, policy.per_network, seconds),
        Limit("sign_in_account", subject, policy.per_account, seconds),
    )
