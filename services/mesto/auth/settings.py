"""Settings of auth."""

from __future__ import annotations

from pathlib import Path

from mesto.common.settings import ServiceSettings


class AuthSettings(ServiceSettings):
    """Read from ``MESTO_…`` and ``MESTO_AUTH_…``.

    ``auth_key_dir`` holds the Ed25519 keys that sign access tokens, ``<kid>.pem``: all are
    published, the last by name signs.
    """

    auth_key_dir: Path
    secure_cookies: bool = False
