"""What a mail is on the wire, and how mail servers take it, or do not."""

from __future__ import annotations

import smtplib
import uuid
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path
from ssl import Purpose, SSLContext, create_default_context
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from hypothesis import given
from hypothesis import strategies as st
from mesto.notifications.deliveries.providers.smtp import Relay, hand_over
from mesto.notifications.deliveries.store import Claimed
from mesto.notifications.messages.service import Rejected, message, sendable
from mesto.notifications.settings import NotificationsSettings
from mestolocal.certificates import Authority
from mestolocal.ports import free_ports
from pydantic import ValidationError
from support.notifications import moved

SENDER = "noreply@example.org"
USER, PASSWORD = "mesto", "horse battery"


class Server:
    """An SMTP server that keeps what it takes; ``answer`` is what it says to it."""

    def __init__(self, answer: str = "250 OK") -> None:
        self.taken: list[Any] = []
        self.answer = answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.taken.append(envelope)
        return self.answer


class Rude(Server):
    """Takes every mail and is unfriendly at the end."""

    async def handle_QUIT(self, server: Any, *_: Any) -> str:
        if len(self.taken) % 2:
            server.transport.abort()
        return "421 Go away"


class Closed(Server):
    """Wants somebody to sign in first."""

    async def handle_MAIL(self, *_: Any) -> str:
        return "530 5.7.0 Authentication required"


Starts = Callable[..., Relay]


@pytest.fixture
def start() -> Iterator[Starts]:
    controllers = []

    def begin(handler: Any, tls: str = "none", ca: Path | None = None, user: str = "", **options: Any) -> Relay:
        controller = Controller(handler, hostname="127.0.0.1", port=free_ports(("smtp",))["smtp"], **options)
        controller.start()
        controllers.append(controller)
        return Relay("127.0.0.1", controller.port, cast(Any, tls), ca, user, PASSWORD if user else "")

    yield begin
    for controller in controllers:
        controller.stop()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"), "mail")


@pytest.fixture(scope="module")
def secured(authority: Authority) -> SSLContext:
    context = create_default_context(Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority.issue("server", "mail"))
    return context


def mail_to(address: str = "anna@example.org", sender: str = SENDER, **changes: Any) -> EmailMessage:
    event = moved("confirmed", uuid.uuid4(), **changes)
    claimed = SimpleNamespace(
        id=uuid.uuid4(),
        kind="confirmed",
        user_locale="ru",
        name="Анна",
        email=address,
        payload={"booking": event.booking.model_dump(mode="json"), "cause": ""},
    )
    return message(cast(Claimed, claimed), sender, "https://mesto.test")


def test_a_mail_that_was_taken_counts_as_sent_however_the_line_ends(start: Starts) -> None:
    rude = Rude()
    relay = start(rude)
    for _ in range(2):
        hand_over(mail_to(), relay)
    assert len(rude.taken) == 2


def _subject_on_the_wire(title: str) -> bytes:
    return bytes(mail_to(space_title={"ru": title, "en": None})).split(b"\nFrom:")[0]


@pytest.mark.parametrize(
    "title",
    [
        "Лофт на Мясницкой улице в двух шагах от метро Чистые пруды",
        "Лофт на Мясницкой улице Place Loft the big",
        "Ы " * 60,
        "🪴 Сад 🪴 " * 12,
        "Loft",
    ],
)
def test_a_subject_keeps_its_blanks(title: str) -> None:
    wire = _subject_on_the_wire(title)
    name, _, raw = wire.partition(b": ")
    expected = f"Бронирование подтверждено: {' '.join(title.split())}".strip()
    assert name == b"Subject"
    assert max(map(len, wire.splitlines())) <= 76
    assert str(make_header(decode_header(raw.decode("ascii")))) == expected
    assert message_from_bytes(wire + b"\n\n", policy=policy.default)["Subject"] == expected


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200))
def test_a_subject_reads_as_it_was_written(title: str) -> None:
    (read,) = [str(make_header(decode_header(_subject_on_the_wire(title).partition(b": ")[2].decode("ascii"))))]
    printable = "".join(sign if sign.isprintable() else " " for sign in title)
    assert read == " ".join(f"Бронирование подтверждено: {printable}".split())


def test_a_domain_is_written_in_ascii_on_the_envelope_and_in_the_header(start: Starts) -> None:
    server = Server()
    relay = start(server, enable_SMTPUTF8=False)
    hand_over(mail_to("vera@почта.рф", "noreply@место.рф"), relay)
    (envelope,) = server.taken
    read = message_from_bytes(envelope.content, policy=policy.default)
    assert envelope.rcpt_tos == ["vera@xn--80a1acny.xn--p1ai"]
    assert envelope.mail_from == "noreply@xn--e1anhlf.xn--p1ai"
    assert (read["To"], read["From"].addresses[0].addr_spec) == (envelope.rcpt_tos[0], envelope.mail_from)
    assert read["Message-ID"].endswith("@xn--e1anhlf.xn--p1ai>")


def test_a_local_part_that_a_server_cannot_take_is_rejected_at_once(start: Starts) -> None:
    server = Server()
    with pytest.raises(Rejected, match="SMTPUTF8"):
        hand_over(mail_to("вера@example.org"), start(server, enable_SMTPUTF8=False))
    assert server.taken == []


def test_a_local_part_goes_out_as_it_is_where_the_server_takes_it(start: Starts) -> None:
    server = Server()
    hand_over(mail_to("вера@почта.рф"), start(server, enable_SMTPUTF8=True))
    assert server.taken[0].rcpt_tos == ["вера@xn--80a1acny.xn--p1ai"]


@pytest.mark.parametrize("address", ["vera@-ж-.рф", "vera@" + "ж" * 64 + ".рф"])
def test_a_domain_that_cannot_be_written_is_rejected(address: str) -> None:
    with pytest.raises(Rejected):
        sendable(address)


def _signs_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(handled=False, success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()))


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_mails_go_out_over_tls_with_user_and_password(
    start: Starts, authority: Authority, secured: SSLContext, tls: str
) -> None:
    server = Server()
    options: dict[str, Any] = {"authenticator": _signs_in}
    if tls == "starttls":
        options |= {"tls_context": secured, "require_starttls": True, "auth_required": True}
    else:
        # aiosmtpd takes AUTH only over a TLS that it began itself, unless it is told otherwise.
        options |= {"ssl_context": secured, "auth_require_tls": False}
    relay = start(server, tls, authority.certificate_path, USER, **options)
    hand_over(mail_to(), relay)
    assert server.taken[0].rcpt_tos == ["anna@example.org"]
    with pytest.raises(smtplib.SMTPAuthenticationError):
        hand_over(mail_to(), Relay(relay.host, relay.port, relay.tls, relay.ca, USER, "wrong"))
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        hand_over(mail_to(), Relay(relay.host, relay.port, relay.tls, None, USER, PASSWORD))
    assert len(server.taken) == 1


def test_a_certificate_is_the_servers_own(start: Starts, authority: Authority, secured: SSLContext) -> None:
    relay = start(Server(), "starttls", authority.certificate_path, tls_context=secured)
    named = Relay("127.0.0.2", relay.port, "starttls", relay.ca)
    with pytest.raises(OSError):  # noqa: PT011 -- nobody listens there, or the name is another's
        hand_over(mail_to(), named)


def test_a_server_without_tls_gets_no_mail_and_no_password(start: Starts) -> None:
    server = Server()
    with pytest.raises(smtplib.SMTPNotSupportedError):
        hand_over(mail_to(), start(server, "starttls", None, USER))
    assert server.taken == []


def test_a_server_that_does_not_know_us_is_no_fault_of_the_mail(start: Starts) -> None:
    with pytest.raises(smtplib.SMTPSenderRefused):
        hand_over(mail_to(), start(Closed()))


def test_a_mail_that_is_refused_for_good_is_rejected(start: Starts) -> None:
    with pytest.raises(Rejected):
        hand_over(mail_to(), start(Server("554 No spam")))


@pytest.mark.parametrize(
    "given",
    [
        {"notifications_smtp_username": "mesto"},
        {"notifications_smtp_password": "secret", "notifications_smtp_tls": "starttls"},
        {"notifications_smtp_username": "mesto", "notifications_smtp_password": "secret"},
        {"notifications_smtp_tls": "ssl"},
    ],
)
def test_settings_that_would_tell_the_password_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        NotificationsSettings.model_validate({"service": "notifications", "database_url": "postgresql://", **given})
