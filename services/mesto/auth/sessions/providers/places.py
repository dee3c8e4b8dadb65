"""Where a network is, by a MaxMind file that the platform team gives; without one nobody knows."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path

import maxminddb
from mesto.contracts.text import Language, choose


class Places:
    """Finds places by networks. Raises OSError or maxminddb.InvalidDatabaseError for a file that cannot be read."""

    def __init__(self, file: Path | None) -> None:
        self._reader = None if file is None else maxminddb.open_database(file)

    def find(self, network: str, language: Language) -> str | None:
        """Return the city and the country of a network in a language, what is known of it; None when nothing is."""
        if self._reader is None:
            return None
        try:
            found = self._reader.get(ipaddress.ip_network(network).network_address)
        except ValueError:
            return None
        if not isinstance(found, Mapping):
            return None
        names = (_name(found.get(part), language) for part in ("city", "country"))
        return ", ".join(name for name in names if name) or None


def _name(part: object, language: Language) -> str | None:
    names = part.get("names") if isinstance(part, Mapping) else None
    if not isinstance(names, Mapping):
        return None
    return choose({key: name for key, name in names.items() if isinstance(name, str)}, language)
