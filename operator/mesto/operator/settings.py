"""Settings of the operator process."""

from __future__ import annotations

from mesto.common.settings import CommonSettings
from pydantic import AliasChoices, Field


class OperatorSettings(CommonSettings):
    """``namespaces`` is a comma list, empty means the whole cluster; times are seconds."""

    namespaces: str = Field(default="", validation_alias="MESTO_OPERATOR_NAMESPACES")
    port: int = Field(
        default=18160, validation_alias=AliasChoices("MESTO_OPERATOR_PORT", "MESTO_OPERATOR_INTERNAL_PORT")
    )
    workers: int = Field(default=16, ge=1, le=256, validation_alias="MESTO_OPERATOR_WORKERS")
    resync_seconds: float = Field(default=600, gt=0, validation_alias="MESTO_OPERATOR_RESYNC_SECONDS")
    refused_seconds: float = Field(default=120, gt=0, validation_alias="MESTO_OPERATOR_REFUSED_SECONDS")

    @property
    def namespace_list(self) -> list[str]:
        """The namespaces to watch, empty for all."""
        return [name.strip() for name in self.namespaces.split(",") if name.strip()]
