"""TLS on internal ports: settings that fit together, and a certificate that is renewed under way."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
import uvicorn
from mesto.common.identity import internal_tls
from mesto.common.settings import CommonSettings
from pydantic import ValidationError
from structlog.testing import capture_logs
from support.servers.tls import Authority
from support.waiting import eventually_async


def test_a_certificate_without_its_key_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="belong together"):
        CommonSettings(internal_tls_cert=tmp_path / "tls.crt")


def test_plain_where_nothing_is_set() -> None:
    assert internal_tls.offered(CommonSettings()) == {}
    assert internal_tls.trusted(CommonSettings()) is True


def test_our_own_authority_is_the_only_one(tmp_path: Path) -> None:
    found = internal_tls.trusted(CommonSettings(internal_tls_ca=Authority(tmp_path).ca))
    assert isinstance(found, ssl.SSLContext)
    assert (found.verify_mode, found.check_hostname, len(found.get_ca_certs())) == (ssl.CERT_REQUIRED, True, 1)


async def test_a_renewed_certificate_is_shown_without_a_restart(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    settings = CommonSettings(internal_tls_cert=authority.pair[0], internal_tls_key=authority.pair[1])
    config = uvicorn.Config("none", **internal_tls.offered(settings))
    config.ssl = authority.context()
    renewing = asyncio.create_task(internal_tls.renew(config, seconds=0.01))
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=config.ssl)
    client = ssl.create_default_context(cafile=authority.ca)

    async def shown() -> bytes | None:
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("localhost", port, ssl=client, family=2)
        found: bytes | None = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        return found

    first = await shown()
    with capture_logs() as told:
        authority.pair[1].write_text("half of a key")
        await eventually_async(lambda: told, "what does not fit is told")

    async def another() -> bool:
        return await shown() != first

    assert {line["event"] for line in told} == {"internal_certificate_unreadable"}
    assert await shown() == first, "a pair that does not fit is not taken"
    authority.issue()
    await eventually_async(another, "the new certificate is shown")
    renewing.cancel()
    server.close()
