"""Certificates of the embedded control plane: one authority per purpose, made once per installation."""

from __future__ import annotations

import datetime as dt
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .secrets import write_private

_TEN_YEARS = dt.timedelta(days=3650)


def _name(common_name: str, organization: str | None) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organization:
        attributes.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(attributes)


def _key_pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + _TEN_YEARS)
    )


class Authority:
    """A certificate authority in `<folder>/<name>.crt` and `.key`."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.certificate_path = folder / f"{name}.crt"
        key_path = folder / f"{name}.key"
        if not self.certificate_path.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            subject = _name(f"mesto-{name}", None)
            certificate = (
                _builder(subject, subject, key.public_key())
                .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
                .add_extension(_usage(signs_certificates=True), critical=True)
                .sign(key, hashes.SHA256())
            )
            write_private(key_path, _key_pem(key))
            write_private(self.certificate_path, certificate.public_bytes(Encoding.PEM))
        loaded = load_pem_private_key(key_path.read_bytes(), None)
        assert isinstance(loaded, ec.EllipticCurvePrivateKey)
        self._key = loaded
        self._certificate = x509.load_pem_x509_certificate(self.certificate_path.read_bytes())

    def issue(self, name: str, common_name: str, organization: str | None = None) -> tuple[Path, Path]:
        """(certificate, key) files for a server on loopback or a client called `common_name`; made once."""
        certificate_path, key_path = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        if certificate_path.exists():
            return certificate_path, key_path
        key = ec.generate_private_key(ec.SECP256R1())
        both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        names: list[x509.GeneralName] = [
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
            x509.IPAddress(ipaddress.ip_address("10.96.0.1")),
            *(x509.DNSName(host) for host in ("localhost", "kubernetes", "kubernetes.default.svc")),
        ]
        certificate = (
            _builder(_name(common_name, organization), self._certificate.subject, key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(both), critical=False)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        write_private(key_path, _key_pem(key))
        write_private(certificate_path, certificate.public_bytes(Encoding.PEM))
        return certificate_path, key_path


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_encipherment=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def signing_pair(folder: Path, name: str) -> tuple[Path, Path]:
    """(private, public) RSA key files that service-account tokens are signed and checked with; made once."""
    private, public = folder / f"{name}.key", folder / f"{name}.pub"
    if not public.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        write_private(private, _key_pem(key))
        write_private(public, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public
