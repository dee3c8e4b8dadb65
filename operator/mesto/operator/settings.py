"""Settings of the operator process."""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path

from mesto.common.settings import CommonSettings
from pydantic import AliasChoices, Field, SecretStr

_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


class OperatorSettings(CommonSettings):
    """``namespaces`` is a comma list, empty means the whole cluster; times are seconds.

    Spaces are compared with the resources that exist every ``compare_seconds``; one whose resource has been missing for
    ``missing_seconds`` is unpublished.
    """

    namespaces: str = Field(default="", validation_alias="MESTO_OPERATOR_NAMESPACES")
    port: int = Field(
        default=18160, validation_alias=AliasChoices("MESTO_OPERATOR_PORT", "MESTO_OPERATOR_INTERNAL_PORT")
    )
    workers: int = Field(default=16, ge=1, le=256, validation_alias="MESTO_OPERATOR_WORKERS")
    resync_seconds: float = Field(default=600, gt=0, validation_alias="MESTO_OPERATOR_RESYNC_SECONDS")
    refused_seconds: float = Field(default=120, gt=0, validation_alias="MESTO_OPERATOR_REFUSED_SECONDS")

    # How long a change of a ConfigMap that holds the platform's texts may go unseen.
    config_map_seconds: float = Field(default=30, gt=0, validation_alias="MESTO_OPERATOR_CONFIG_MAP_SECONDS")

    # What the process that reads a GeoDataset's source may use; the operator's own limit must have room for it.
    reader_memory_mb: int = Field(default=512, ge=128, le=65536, validation_alias="MESTO_OPERATOR_READER_MEMORY_MB")

    compare_seconds: float = Field(default=300, gt=0, validation_alias="MESTO_OPERATOR_COMPARE_SECONDS")
    missing_seconds: float = Field(default=900, ge=0, validation_alias="MESTO_OPERATOR_MISSING_SECONDS")

    watch_patience_seconds: float = Field(default=60, gt=0, validation_alias="MESTO_OPERATOR_WATCH_PATIENCE_SECONDS")

    scrapyd_url: str = Field(default="", max_length=2048)  # empty: no ScrapeTarget runs
    scrapyd_username: str = ""
    scrapyd_password: SecretStr = SecretStr("")
    run_look_seconds: float = Field(default=5, gt=0, validation_alias="MESTO_OPERATOR_RUN_LOOK_SECONDS")
    run_lost_seconds: float = Field(default=60, gt=0, validation_alias="MESTO_OPERATOR_RUN_LOST_SECONDS")

    lease_name: str = Field(default="", max_length=200, validation_alias="MESTO_OPERATOR_LEASE_NAME")
    lease_namespace: str = Field(default="", max_length=63, validation_alias="MESTO_OPERATOR_LEASE_NAMESPACE")

    @property
    def lease(self) -> tuple[str, str]:
        """Namespace and name of the Lease: by default the pod's namespace, and a name for those that share the work.

        Operators that watch the same namespaces have the same Lease; each shard of namespaces has its own.
        """
        namespace = self.lease_namespace or (_ACCOUNT.read_text("utf-8").strip() if _ACCOUNT.exists() else "mesto")
        shard = hashlib.sha256(",".join(sorted(self.namespace_list)).encode()).hexdigest()[:10]
        return namespace, self.lease_name or (f"mesto-operator-{shard}" if self.namespace_list else "mesto-operator")

    @property
    def identity(self) -> str:
        """Of this process among those that run at once; the same for the one that is started in its place."""
        return f"{socket.gethostname()}:{self.port}"[:128]

    @property
    def namespace_list(self) -> list[str]:
        """The namespaces to watch, empty for all."""
        return [name.strip() for name in self.namespaces.split(",") if name.strip()]
