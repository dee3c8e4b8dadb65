"""Processes of notifications with a mailbox, and events as other services publish them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
from aiosmtpd.controller import Controller
from kombu import Connection
from mesto.contracts.events import EVENT_CLASSES, EXCHANGE, BookingEvent, Envelope, Event, UserChanged
from mesto.notifications.messages.records import Draft
from mesto.notifications.messages.schemas import BookingContent
from mesto.notifications.messages.service import Messages
from mestolocal.ports import free_ports
from support import forked
from support.clients.superuser import Superuser
from support.servers.booking import Signer
from support.waiting import eventually


class Mailbox:
    """An SMTP server; ``answers`` maps an address to the answers it gives before it takes a mail; ``held``: later."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], EmailMessage]] = []
        self.answers: dict[str, list[str]] = {}
        self.held = False
        self.controller = Controller(self, hostname="127.0.0.1", port=free_ports(("smtp",))["smtp"])
        self.controller.start()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        while self.held:  # noqa: ASYNC110 -- set from another thread
            await asyncio.sleep(0.05)
        for address in envelope.rcpt_tos:
            if self.answers.get(address):
                return self.answers[address].pop(0)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.taken.append((envelope.rcpt_tos, mail))
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for addresses, mail in self.taken if address in addresses]


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@dataclass
class Post:
    """Everything that stands around a mail."""

    admin: str
    service_url: str
    broker_url: str
    signer: Signer
    mailbox: Mailbox
    environment: dict[str, str]
    folder: Path
    processes: list[forked.Started] = field(default_factory=list)
    superuser: Superuser = field(init=False)

    def __post_init__(self) -> None:
        self.superuser = Superuser(self.admin)

    def start(self, name: str, *command: str, **environment: str) -> None:
        words, log = [sys.executable, "-m", *command], self.folder / f"{name}.log"
        started = forked.start(words, environment=self.environment | environment, cwd=self.folder, log=log)
        self.processes.append(started)

    def start_app(self, name: str) -> str:
        """A replica of the API process; its public address."""
        ports = free_ports(("public", "internal"))
        prefix = "MESTO_NOTIFICATIONS_"
        own = {prefix + "PUBLIC_PORT": str(ports["public"]), prefix + "INTERNAL_PORT": str(ports["internal"])}
        self.start(name, "mesto.notifications.app", **own)

        def ready() -> bool:
            try:
                return httpx.get(f"http://127.0.0.1:{ports['internal']}/readyz").status_code == 200
            except httpx.HTTPError:
                return False

        eventually(ready, f"{name} to be ready")
        return f"http://127.0.0.1:{ports['public']}"

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        self.mailbox.controller.stop()
        self.superuser.close()

    def sql(self, statement: str, *values: Any) -> list[Any]:
        return self.superuser.sql(statement, *values)

    def publish(self, event: Event, event_id: uuid.UUID | None = None) -> uuid.UUID:
        """As another service's relay does."""
        envelope = Envelope(
            id=event_id or uuid.uuid4(),
            type=event.type,
            time=datetime.now(UTC),
            payload=event.model_dump(mode="json"),
        )
        with Connection(self.broker_url) as connection:
            connection.Producer().publish(
                envelope.model_dump_json().encode(),
                exchange=EXCHANGE,
                routing_key=event.type,
                content_type="application/json",
                content_encoding="utf-8",
            )
        return envelope.id

    def status(self, event_id: uuid.UUID) -> str:
        """The status of a delivery, empty before there is one."""
        rows = self.sql("SELECT status FROM notifications.deliveries WHERE event_id = %s", event_id)
        return str(rows[0][0]) if rows else ""

    def wait_for_mail(self, address: str) -> EmailMessage:
        return eventually(lambda: self.mailbox.to(address), f"a mail to {address}")[0]

    def settle(self) -> None:
        """Wait until every event and task so far is handled: one more person's mail has arrived."""
        user = person("en")
        self.publish(user)
        self.publish(moved("confirmed", user.user_id))
        self.wait_for_mail(user.email)
        time.sleep(0.3)


def start_post(admin: str, service_url: str, broker_url: str, signer: Signer, keys: Any, folder: Path) -> Post:
    mailbox = Mailbox()
    environment = {
        **os.environ,
        "MESTO_NOTIFICATIONS_DATABASE_URL": service_url,
        "MESTO_NOTIFICATIONS_SMTP_HOST": "127.0.0.1",
        "MESTO_NOTIFICATIONS_SMTP_PORT": str(mailbox.controller.port),
        "MESTO_BROKER_URL": broker_url,
        "MESTO_INTERNAL_KEY_DIR": str(keys.all_internal_keys()),
        "MESTO_INTERNAL_PUBLIC_DIR": str(keys.public_keys()),
        "MESTO_AUTH_INTERNAL_URL": signer.url,
        "MESTO_PUBLIC_URL": "https://mesto.test",
    }
    return Post(admin, service_url, broker_url, signer, mailbox, environment, folder)


def person(locale: str, name: str = "Anna", revision: int = 1, *, verified: bool = True) -> UserChanged:
    user_id = uuid.uuid4()
    body = {
        "user_id": user_id,
        "revision": revision,
        "email": f"{user_id.hex[:12]}@example.org",
        "email_verified": verified,
        "name": name,
        "locale": locale,
        "roles": ["renter"],
    }
    return UserChanged.model_validate(body)


def moved(kind: str, user_id: uuid.UUID, cause: str = "", previous: str | None = None, **changes: Any) -> BookingEvent:
    """A transition of a booking from 10 to 13 on 24 November 2026 in Moscow."""
    booking = {
        "id": str(uuid.uuid4()),
        "status": "confirmed" if kind == "changed" else kind,
        "space_id": str(uuid.uuid4()),
        "space_slug": "loft",
        "space_title": {"ru": "Лофт <на Мясницкой>", "en": "Loft <at Myasnitskaya>"},
        "resource_id": str(uuid.uuid4()),
        "resource_title": {"ru": "Открытая зона", "en": None},
        "address": "Мясницкая улица, 13",
        "time_zone": "Europe/Moscow",
        "start": "2026-11-24T07:00:00Z",
        "end": "2026-11-24T10:00:00Z",
        "seats": 2,
        "total": {"amount": "1500.00", "currency": "RUB"},
        "price_per": "hour",
        "expires_at": None,
        "created_at": "2026-11-23T07:00:00Z",
        "revision": 2,
        **changes,
    }
    body = {"user_id": user_id, "booking": booking, "cause": cause, "previous_status": previous}
    event = EVENT_CLASSES[f"booking.{kind}"].model_validate(body)
    assert isinstance(event, BookingEvent)
    return event


def mail_to(address: str = "anna@example.org", sender: str = "noreply@example.org", **changes: Any) -> EmailMessage:
    """A confirmation in Russian; ``changes`` are of its booking."""
    content = BookingContent(booking=moved("confirmed", uuid.uuid4(), **changes).booking, cause="")
    draft = Draft(uuid.uuid4(), "confirmed", address, "Анна", "ru", content.model_dump_json(), datetime.now(UTC))
    return Messages("https://mesto.test").render(draft, sender)
