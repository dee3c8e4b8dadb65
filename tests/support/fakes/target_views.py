"""What the tests of targets' plans look at."""

from __future__ import annotations

from typing import Any

from support.fakes.targets import World

THREE = "2026-11-26T03:00:00+00:00"


def selectors(mode: str, **given: Any) -> dict[str, Any]:
    """A spec of these selectors, which is right but for them."""
    language = "path" if mode == "JsonApi" else "css"
    extract = {"mode": mode, "items": {language: "a"}, "next": given.pop("next", None)}
    extract |= {name: given.pop(name) for name in ("items",) if name in given}
    fields = {"name": {language: "b"}, "currency": {"value": "RUB"}} | given
    return {"extract": {name: value for name, value in extract.items() if value} | {"fields": fields}}


def reasons(world: World) -> list[str]:
    return [reason for _, reason, _ in world.events]
