"""Settings shared by every process; each service derives its own class and adds what only it needs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, JsonValue, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class CommonSettings(BaseSettings):
    """Read from the environment with the prefix ``MESTO_``."""

    model_config = SettingsConfigDict(env_prefix="MESTO_", extra="ignore")

    bind: str = "127.0.0.1"
    drain_seconds: float = Field(default=0, ge=0, le=120)  # a service that stops is unready so long before it refuses
    # Plain, for probes and figures, of a Celery worker or beat, and of a service whose internal port has TLS; 0: none.
    probe_port: int = 0
    public_url: str = "http://127.0.0.1:8080"
    trusted_proxies: str = "127.0.0.0/8,::1"  # networks of the gateway, by comma: whose X-Forwarded-For is believed
    broker_url: SecretStr = SecretStr("")
    internal_key_dir: Path | None = None
    internal_public_dir: Path | None = None
    internal_tls_ca: Path | None = None  # whom alone to trust at internal ports whose URLs are https
    internal_tls_cert: Path | None = None  # of our own internal port, with what leads to the authority; none: plain
    internal_tls_key: Path | None = None
    auth_internal_url: str = "http://127.0.0.1:18111"
    catalog_internal_url: str = "http://127.0.0.1:18121"
    booking_internal_url: str = "http://127.0.0.1:18131"
    geo_internal_url: str = "http://127.0.0.1:18141"
    notifications_internal_url: str = "http://127.0.0.1:18151"
    platform_config: Path | None = None
    audit_time: str = Field(default="03:30", pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$")  # local; empty: never
    audit_settle_seconds: float = Field(default=60, ge=0, le=600)  # what is late for so long is a difference
    log_format: Literal["json", "console"] = "json"
    log_level: str = "INFO"
    sentry_dsn: SecretStr | None = None
    environment: str = "local"
    release: str = ""  # what Sentry calls this version; default: the installed one

    @model_validator(mode="after")
    def _pair(self) -> Self:
        if (self.internal_tls_cert is None) != (self.internal_tls_key is None):
            raise ValueError("MESTO_INTERNAL_TLS_CERT and MESTO_INTERNAL_TLS_KEY belong together: set both or none")
        return self


class ServiceSettings(CommonSettings):
    """Settings of one service; the fields below are read from ``MESTO_<SERVICE>_…``."""

    service: str
    database_url: SecretStr
    migration_url: SecretStr | None = None
    public_port: int = 0
    internal_port: int = 0
    pool_size: int = Field(default=16, ge=1, le=100)

    @classmethod
    def load(cls, service: str) -> Self:
        """Load settings of ``service`` from the environment. Raises ValidationError that names what is missing."""
        prefix = f"MESTO_{service.upper()}_"
        own: dict[str, JsonValue] = {"service": service}
        for field in ("database_url", "migration_url", "public_port", "internal_port", "pool_size"):
            value = os.environ.get(prefix + field.upper())
            if value is not None:
                own[field] = value
        return cls.model_validate(own)
