"""How results are printed: JSON and YAML for programs, columns for people."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal

import orjson
from mesto.cli import status_tree
from mesto.operator.objects import ConditionFields, Resource

Data = Literal["json", "yaml"]
_HEADING = ("NAMESPACE", "NAME", "READY", "REASON", "AGE", "GENERATION", "CONDITIONS", "MESSAGE")


def data(value: object, form: str) -> None:
    """Print a value as JSON or YAML."""
    if form == "json":
        sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        # Late: most answers are no YAML.
        import yaml
        from mesto.cli import manifests

        sys.stdout.write(yaml.dump(value, Dumper=manifests.Dumper, allow_unicode=True, sort_keys=False, width=120))


def wide(resources: Sequence[Resource], now: datetime | None = None) -> Iterator[str]:
    """Yield a heading, then a line for each resource, in columns; nothing for none."""
    if not resources:
        return
    rows = [_HEADING, *(_row(item, now or datetime.now(UTC)) for item in resources)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADING))]
    for row in rows:
        yield "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(resource: Resource, now: datetime) -> tuple[str, ...]:
    metadata, conditions = resource["metadata"], status_tree.conditions(resource)
    short = next(word for word, kind in status_tree.SHORT.items() if kind == resource["kind"])
    ready = conditions.get("Ready", ConditionFields())
    applied = (resource.get("status") or {}).get("observedGeneration")
    others = ",".join(f"{name}={item['status']}" for name, item in conditions.items() if name != "Ready")
    return (
        metadata["namespace"],
        f"{short}/{metadata['name']}",
        "True" if status_tree.ready(resource) else "False",
        ready.get("reason") or "-",
        age(metadata.get("creationTimestamp"), now),
        f"{applied or 0}/{metadata.get('generation')}",
        others or "-",
        ready.get("message") or "-",
    )


def age(since: str | None, now: datetime) -> str:
    """Return how long ago, in the largest unit that fits, as kubectl says it."""
    if not since:
        return "-"
    seconds = max(0, int((now - datetime.fromisoformat(since)).total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"
