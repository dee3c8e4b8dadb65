"""What an installation keeps secret: passwords and keys, made once, readable by the owner of the checkout only."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from .ports import SERVICES

# Who signs calls to internal APIs, each with a key of its own.
CALLERS = ("operator", "cli", "spiders", *SERVICES)


class Secrets:
    """The folder of one installation's secrets. Everything is made when first asked for and stays the same after."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = folder / "passwords.json"
        self._passwords: dict[str, str] = json.loads(self._file.read_text()) if self._file.exists() else {}

    def password(self, name: str) -> str:
        """The password called `name`; letters and digits, so it needs no quoting in a URL."""
        if name not in self._passwords:
            self._passwords[name] = secrets.token_hex(16)
            write_private(self._file, json.dumps(self._passwords, indent=1, sort_keys=True).encode())
        return self._passwords[name]

    def human_password(self, name: str) -> str:
        """A password that a person may type and that every strength rule accepts."""
        if name not in self._passwords:
            groups = ["".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(5)) for _ in range(3)]
            self._passwords[name] = "-".join(groups) + "-M7"
            write_private(self._file, json.dumps(self._passwords, indent=1, sort_keys=True).encode())
        return self._passwords[name]

    def internal_keys(self, caller: str) -> Path:
        """Folder with the private key that `caller` signs internal calls with, and no other's."""
        folder = self.folder / "internal" / caller
        private = folder / f"{caller}.key.pem"
        if not private.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_private(private, _pem(Ed25519PrivateKey.generate()))
        return folder

    def all_internal_keys(self) -> Path:
        """Folder with every caller's private key: for tests and developers, who speak for all of them."""
        folder = self.folder / "internal-all"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for caller in CALLERS:
            private = self.internal_keys(caller) / f"{caller}.key.pem"
            write_private(folder / private.name, private.read_bytes())
        return folder

    def public_keys(self) -> Path:
        """Folder with the public keys of all callers."""
        folder = self.folder / "internal-public"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for caller in CALLERS:
            public = folder / f"{caller}.pub.pem"
            if not public.exists():
                write_private(public, _public_pem(self.internal_keys(caller) / f"{caller}.key.pem"))
        return folder

    def auth_keys(self) -> Path:
        """Folder with the keys that sign people's access tokens; the last by name signs."""
        folder = self.folder / "auth"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not any(folder.glob("*.pem")):
            write_private(folder / "0001.pem", _pem(Ed25519PrivateKey.generate()))
        return folder


def write_private(path: Path, content: bytes) -> None:
    """Writes a file that only its owner can read, in one step."""
    scratch = path.with_name(path.name + f".{os.getpid()}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    scratch.rename(path)


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _public_pem(private: Path) -> bytes:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(private.read_bytes(), None)
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
