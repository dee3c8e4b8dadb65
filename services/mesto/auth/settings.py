"""Settings of auth."""

from __future__ import annotations

from pathlib import Path

from mesto.common.settings import ServiceSettings


class AuthSettings(ServiceSettings):
    """Read from ``MESTO_…`` and ``MESTO_AUTH_…``.

    ``auth_key_dir`` holds the Ed25519 keys that sign access tokens, ``<kid>.pem``: all are
    published, the last by name signs. ``auth_places_file`` is a MaxMind file (City or Country) that says where a
    network is.
    """

    auth_key_dir: Path
    auth_places_file: Path | None = None
    secure_cookies: bool = False
