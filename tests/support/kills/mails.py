"""An SMTP server that takes every mail and remembers which."""

from __future__ import annotations

from collections import Counter
from email import message_from_bytes
from typing import Any

from aiosmtpd.controller import Controller


class MailSink:
    """Counts mails by their Message-ID, which is the delivery's id. It outlives everything that is killed."""

    def __init__(self, port: int) -> None:
        self.taken: Counter[str] = Counter()
        self._server = Controller(self, hostname="127.0.0.1", port=port)
        self._server.start()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """A mail came."""
        name = str(message_from_bytes(envelope.content)["Message-ID"])
        self.taken[name.strip("<>").partition("@")[0]] += 1
        return "250 OK"

    def close(self) -> None:
        """Stop listening."""
        self._server.stop()
