"""How much memory a crawl has taken."""

from __future__ import annotations

from pathlib import Path

from scrapy.extensions.memusage import MemoryUsage

_STATUS = Path("/proc/self/status")


class OwnMemory(MemoryUsage):
    """Scrapy's limit of memory, by what this process has taken itself.

    Scrapy asks getrusage, which on Linux begins with the peak of the process that started this one: a large scrapyd
    would end each crawl before its first page.
    """

    def get_virtual_size(self) -> int:
        """The most memory that was in use so far, in bytes."""
        for line in _STATUS.read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        return super().get_virtual_size()
