"""How long a session is one."""

from __future__ import annotations

# A client that lost the answer to a refresh, or refreshed in two tabs at once, is no thief.
REUSE_GRACE_SECONDS = 10
# So long a session that is over stays, with its tokens: one that comes back is noticed.
KEPT_DAYS = 30
