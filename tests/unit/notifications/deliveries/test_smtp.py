"""How mail servers take a mail, or do not."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from ssl import Purpose, SSLContext, create_default_context
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from mesto.notifications.deliveries.providers.base import MailServiceUnavailable
from mesto.notifications.deliveries.providers.smtp import SmtpServer
from mesto.notifications.messages.service import MailRejected
from mestolocal.certificates import Authority
from mestolocal.ports import free_ports
from support.servers.notifications import mail_to

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


@contextmanager
def unavailable(cause: type[Exception], match: str | None = None) -> Iterator[None]:
    """What is done here must fail for now, and for this reason."""
    with pytest.raises(MailServiceUnavailable, match=match) as raised:
        yield
    assert isinstance(raised.value.__cause__, cause)
    assert str(raised.value) == repr(raised.value.__cause__)


Starts = Callable[..., SmtpServer]


@pytest.fixture
def start() -> Iterator[Starts]:
    controllers = []

    def begin(handler: Any, tls: str = "none", ca: Path | None = None, user: str = "", **options: Any) -> SmtpServer:
        controller = Controller(handler, hostname="127.0.0.1", port=free_ports(("smtp",))["smtp"], **options)
        controller.start()
        controllers.append(controller)
        return SmtpServer("127.0.0.1", controller.port, cast(Any, tls), ca, user, PASSWORD if user else "")

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


def test_a_mail_that_was_taken_counts_as_sent_however_the_line_ends(start: Starts) -> None:
    rude = Rude()
    relay = start(rude)
    for _ in range(2):
        relay.send(mail_to())
    assert len(rude.taken) == 2


def test_a_domain_is_written_in_ascii_on_the_envelope_and_in_the_header(start: Starts) -> None:
    server = Server()
    relay = start(server, enable_SMTPUTF8=False)
    relay.send(mail_to("vera@почта.рф", "noreply@место.рф"))
    (envelope,) = server.taken
    read = message_from_bytes(envelope.content, policy=policy.default)
    assert envelope.rcpt_tos == ["vera@xn--80a1acny.xn--p1ai"]
    assert envelope.mail_from == "noreply@xn--e1anhlf.xn--p1ai"
    assert (read["To"], read["From"].addresses[0].addr_spec) == (envelope.rcpt_tos[0], envelope.mail_from)
    assert read["Message-ID"].endswith("@xn--e1anhlf.xn--p1ai>")


def test_a_local_part_that_a_server_cannot_take_is_rejected_at_once(start: Starts) -> None:
    server = Server()
    with pytest.raises(MailRejected, match="SMTPUTF8"):
        start(server, enable_SMTPUTF8=False).send(mail_to("вера@example.org"))
    assert server.taken == []


def test_a_local_part_goes_out_as_it_is_where_the_server_takes_it(start: Starts) -> None:
    server = Server()
    start(server, enable_SMTPUTF8=True).send(mail_to("вера@почта.рф"))
    assert server.taken[0].rcpt_tos == ["вера@xn--80a1acny.xn--p1ai"]


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
    relay.send(mail_to())
    assert server.taken[0].rcpt_tos == ["anna@example.org"]
    with unavailable(smtplib.SMTPAuthenticationError):
        SmtpServer(relay.host, relay.port, relay.tls, relay.ca, USER, "wrong").send(mail_to())
    with unavailable(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        SmtpServer(relay.host, relay.port, relay.tls, None, USER, PASSWORD).send(mail_to())
    assert len(server.taken) == 1


def test_a_certificate_is_the_servers_own(start: Starts, authority: Authority, secured: SSLContext) -> None:
    relay = start(Server(), "starttls", authority.certificate_path, tls_context=secured)
    named = SmtpServer("127.0.0.2", relay.port, "starttls", relay.ca)
    with unavailable(OSError):  # nobody listens there, or the name is another's
        named.send(mail_to())


def test_a_server_without_tls_gets_no_mail_and_no_password(start: Starts) -> None:
    server = Server()
    with unavailable(smtplib.SMTPNotSupportedError):
        start(server, "starttls", None, USER).send(mail_to())
    assert server.taken == []


def test_a_server_that_does_not_know_us_is_no_fault_of_the_mail(start: Starts) -> None:
    with unavailable(smtplib.SMTPSenderRefused):
        start(Closed()).send(mail_to())


def test_a_mail_that_is_refused_for_good_is_rejected(start: Starts) -> None:
    with pytest.raises(MailRejected):
        start(Server("554 No spam")).send(mail_to())
