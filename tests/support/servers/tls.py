"""Certificates of a throwaway authority, and TLS before servers that have none."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_HOST = ipaddress.ip_address("127.0.0.1")
_SSL_REQUEST = bytes.fromhex("0000000804d2162f")
"""How a client of PostgreSQL asks for TLS."""


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(name: str, issuer: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(_name(name)).issuer_name(_name(issuer))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))


@dataclass
class Authority:
    """An authority with ``ca.crt`` in a folder, and certificates of this host beside it."""

    folder: Path
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        builder = _builder("authority", "authority", self.key)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.ca.write_bytes(builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM))
        self.issue()

    @property
    def ca(self) -> Path:
        return self.folder / "ca.crt"

    @property
    def pair(self) -> tuple[Path, Path]:
        """The certificate and its key."""
        return self.folder / "tls.crt", self.folder / "tls.key"

    def issue(self) -> None:
        """A new key and certificate for ``localhost`` and 127.0.0.1."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(_HOST)])
        certificate = _builder("localhost", "authority", key).add_extension(names, critical=False)
        signed = certificate.sign(self.key, hashes.SHA256())
        self.pair[0].write_bytes(signed.public_bytes(Encoding.PEM))
        self.pair[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    def context(self) -> ssl.SSLContext:
        """Of a server that shows the certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.pair)
        return context

    @asynccontextmanager
    async def before(self, port: int, *, postgres: bool = False) -> AsyncIterator[int]:
        """A port with TLS whose connections end at a plain port of this host; PostgreSQL begins TLS its own way."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # A test's end cancels what is still open.
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                if postgres:
                    if await reader.readexactly(8) != _SSL_REQUEST:
                        return
                    writer.write(b"S")
                    await writer.start_tls(self.context())
                far = await asyncio.open_connection("127.0.0.1", port)
                await asyncio.wait(
                    [asyncio.create_task(_copy(reader, far[1])), asyncio.create_task(_copy(far[0], writer))],
                    return_when=asyncio.FIRST_COMPLETED,
                )
                far[1].close()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=None if postgres else self.context())
        yield server.sockets[0].getsockname()[1]
        server.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
