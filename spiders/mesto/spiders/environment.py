"""What the environment tells a spider and the scrapyd that starts it."""

from __future__ import annotations

from mesto.common.settings import CommonSettings
from pydantic import Field

CALLER = "spiders"


class SpiderSettings(CommonSettings):
    """Times are seconds.

    ``patience`` is how long catalog may be away before a run gives up, ``run`` how long a run may take, ``page`` how
    long a page may until it is here, ``page_bytes`` how large one may be (unpacked, too), ``read`` how long a page that
    is here may be looked through, ``cpu`` how much of a processor's time a run may take. ``memory_mb`` is what a spider
    may use.
    """

    patience: float = Field(default=600, ge=0, validation_alias="MESTO_SPIDERS_PATIENCE_SECONDS")
    run: float = Field(default=6 * 3600, gt=0, le=86_400, validation_alias="MESTO_SPIDERS_RUN_SECONDS")
    page: float = Field(default=30, gt=0, le=600, validation_alias="MESTO_SPIDERS_PAGE_SECONDS")
    page_bytes: int = Field(default=10 * 1024 * 1024, gt=0, validation_alias="MESTO_SPIDERS_PAGE_BYTES")
    read: float = Field(default=120, gt=0, le=3600, validation_alias="MESTO_SPIDERS_READ_SECONDS")
    cpu: int = Field(default=3600, gt=0, le=86_400, validation_alias="MESTO_SPIDERS_CPU_SECONDS")
    memory_mb: int = Field(default=512, ge=128, validation_alias="MESTO_SPIDERS_MEMORY_MB")
