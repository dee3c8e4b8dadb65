"""The OpenAPI documents as they are in the repository, which tests/unit/test_generated.py holds to the code.

Making all of them takes seconds, and each worker of pytest-xdist collects the modules that are parametrized by them.
"""

from __future__ import annotations

import json
from typing import Any

from mestolocal.paths import REPO


def document(service: str, side: str) -> dict[str, Any]:
    """Of a service's `public` or `internal` API."""
    file = f"frontend/openapi/{service}.json" if side == "public" else f"docs/openapi/{service}-internal.json"
    found: dict[str, Any] = json.loads((REPO / file).read_text())
    return found
