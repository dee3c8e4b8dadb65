"""How long a session is one, and how often somebody may guess."""

from __future__ import annotations

FAILURES_ALLOWED, FAILURES_MINUTES = 10, 15
# A client that lost the answer to a refresh, or refreshed in two tabs at once, is no thief.
REUSE_GRACE_SECONDS = 10
