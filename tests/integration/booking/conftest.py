"""A booking process and a signer of tokens, once per worker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.servers.booking import Signer, Site, start_site, stop_site


@pytest.fixture(scope="session")
def booking_signer() -> Iterator[Signer]:
    signer = Signer()
    yield signer
    signer.close()


@pytest.fixture(scope="session")
def booking_site(
    database_urls: Any, booking_signer: Signer, key_folders: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A booking process on this worker's database."""
    folder = tmp_path_factory.mktemp("booking")
    site = start_site(database_urls.admin, database_urls["booking"], booking_signer, key_folders, folder)
    yield site
    stop_site(site)
