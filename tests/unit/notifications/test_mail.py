"""How a mail server says goodbye does not decide whether it has the mail."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from mesto.notifications.mail import hand_over
from mestolocal.ports import free_ports


class Rude:
    """Takes every mail and is unfriendly at the end."""

    def __init__(self) -> None:
        self.taken = 0

    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:
        self.taken += 1
        return "250 OK"

    async def handle_QUIT(self, server: Any, *_: Any) -> str:
        if self.taken % 2:
            server.transport.abort()
        return "421 Go away"


def test_a_mail_that_was_taken_counts_as_sent_however_the_line_ends() -> None:
    rude = Rude()
    controller = Controller(rude, hostname="127.0.0.1", port=free_ports(("smtp",))["smtp"])
    controller.start()
    mail = EmailMessage()
    mail["From"], mail["To"] = "noreply@example.org", "anna@example.org"
    mail.set_content("Hello")
    try:
        for _ in range(2):
            hand_over(mail, "127.0.0.1", controller.port)
    finally:
        controller.stop()
    assert rude.taken == 2
