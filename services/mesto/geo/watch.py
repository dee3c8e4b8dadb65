"""Cities come from the file of MESTO_PLATFORM_CONFIG; it is read again within two seconds of a change."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog
from mesto.common import platform
from mesto.geo.service import Geo

log = structlog.get_logger(__name__)
LOOK_SECONDS = 1.0


class Watch:
    """Keeps geo's cities those of the file. A file that is invalid or gone is logged and the old cities stay."""

    def __init__(self, geo: Geo, path: Path | None) -> None:
        self.geo, self.path = geo, path
        self._applied: bytes | None = None
        self._refused: bytes | None = None
        self._looked = asyncio.Event()

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            try:
                await self.look()
            except Exception as error:
                log.warning("cities_not_applied", error=repr(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Apply the file when its content is new. Raises what the database raises: then it is tried again."""
        content = b"" if self.path is None else await asyncio.to_thread(self._read, self.path)
        if content is not None and content not in (self._applied, self._refused):
            try:
                section = platform.parse(content).geo
            except ValueError as error:
                log.error("platform_config_invalid", path=str(self.path), error=str(error))
                self._refused = content
            else:
                await self.geo.sync_cities(section)
                self._applied, self._refused = content, None
        self._looked.set()

    @staticmethod
    def _read(path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except OSError as error:
            log.error("platform_config_unreadable", path=str(path), error=repr(error))
            return None

    async def first(self) -> None:
        """Return when the file was looked at once."""
        await self._looked.wait()

    async def check(self) -> None:
        """Raise until the file was looked at once: before that no city is known."""
        if not self._looked.is_set():
            raise RuntimeError("the cities of the platform are not read yet")
