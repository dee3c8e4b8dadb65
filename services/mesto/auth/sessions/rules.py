"""How refresh tokens follow one another, how long a session is one, and how its device is called."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from typing import Literal

from ua_parser import parse

# A client that lost the answer to a refresh, or refreshed in two tabs at once, is no thief.
REUSE_GRACE_SECONDS = 10
# So long a session that is over stays, with its tokens: one that comes back is noticed.
KEPT_DAYS = 30
LONGEST_CHAIN = 20
"""So many successors one after the other within the grace; nobody honest refreshes so often."""

DeviceKind = Literal["computer", "phone", "tablet", "other"]
_COMPUTERS = frozenset({"Windows", "Mac OS X", "Linux", "Ubuntu", "Fedora", "Debian", "Chrome OS", "FreeBSD"})
_NAMES = {"Mac OS X": "macOS", "Mobile Safari": "Safari", "Chrome Mobile": "Chrome", "Firefox Mobile": "Firefox"}
_NAMES |= {"Chrome Mobile iOS": "Chrome", "Firefox iOS": "Firefox", "Edge Mobile": "Edge", "Chrome Mobile WebView": ""}


def successor(token: str, salt: bytes) -> str:
    """Return the one token that follows another.

    Who has the token and the salt can derive it; the database has the salt alone.
    """
    return base64.urlsafe_b64encode(hmac.digest(token.encode(), salt, "sha256")).rstrip(b"=").decode()


@dataclass(frozen=True)
class Device:
    """What somebody signed in with; ``name`` is empty when the browser does not say it."""

    kind: DeviceKind
    name: str


def device(user_agent: str) -> Device:
    """Return a device as its holder knows it: ``Chrome, macOS``."""
    found = parse(user_agent)
    browser = found.user_agent.family if found.user_agent else ""
    system = found.os.family if found.os else ""
    model = found.device.family if found.device else ""
    if model in ("iPad", "Generic Tablet") or "Tablet" in user_agent:
        kind: DeviceKind = "tablet"
    elif system in ("iOS", "Android", "Windows Phone") or "Mobile" in user_agent:
        kind = "phone"
    else:
        kind = "computer" if system in _COMPUTERS else "other"
    shown = model if model in ("iPhone", "iPad") else _NAMES.get(system, system)
    return Device(kind, ", ".join(part for part in (_NAMES.get(browser, browser), shown) if part))
