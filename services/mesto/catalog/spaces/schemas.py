"""How addresses name a space."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

IdOrSlug = Annotated[str, Path(max_length=63, pattern=r"^[A-Za-z0-9-]+$")]
