"""TLS between our own processes, where it is asked for: a certificate of internal ports, and the authority of it.

Whoever calls trusts that authority and no other. Who may call is said by signed tokens, with TLS as without.
"""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from mesto.common.settings import CommonSettings

if TYPE_CHECKING:
    import uvicorn

LOOK_SECONDS = 30.0
"""How soon a renewed certificate is shown to new connections."""


def trusted(settings: CommonSettings) -> ssl.SSLContext | bool:
    """Return what httpx verifies internal ports by. Raises OSError for a file that cannot be read."""
    authority = settings.internal_tls_ca
    return True if authority is None else ssl.create_default_context(cafile=authority)


class TlsOptions(TypedDict, total=False):
    """Uvicorn's options of a port with TLS."""

    ssl_certfile: Path
    ssl_keyfile: Path


def offered(settings: CommonSettings) -> TlsOptions:
    """Return Uvicorn's options for an internal port; none where it is plain."""
    certificate, key = settings.internal_tls_cert, settings.internal_tls_key
    if certificate is None or key is None:
        return TlsOptions()
    return TlsOptions(ssl_certfile=certificate, ssl_keyfile=key)


async def renew(config: uvicorn.Config, seconds: float = LOOK_SECONDS) -> None:
    """Take a renewed certificate from its files, until cancelled. Open connections go on with the one before."""
    import structlog  # late, as Uvicorn: who only calls others needs neither

    log = structlog.get_logger(__name__)
    files = Path(str(config.ssl_certfile)), Path(str(config.ssl_keyfile))
    shown = await asyncio.to_thread(_contents, files)
    while True:
        await asyncio.sleep(seconds)
        try:
            found = await asyncio.to_thread(_contents, files)
            if found == shown or config.ssl is None:
                continue
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*files)  # before the port's own is touched
            config.ssl.load_cert_chain(*files)
        except OSError as error:  # an SSLError is one: of a certificate and a key that are no pair
            log.warning("internal_certificate_unreadable", error=repr(error))
            continue
        shown = found
        log.info("internal_certificate_renewed")


def _contents(files: tuple[Path, Path]) -> list[bytes]:
    return [file.read_bytes() for file in files]
