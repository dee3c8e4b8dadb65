"""What the shell offers at the Tab key: names of resources."""

from __future__ import annotations

import typer
from mesto.cli import kube, status_tree
from mesto.cli.failure import Failure


def names(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return KIND/NAME of the namespace's resources; none when the cluster does not tell."""
    short = {kind: word for word, kind in status_tree.SHORT.items()}
    return [word for kind, name in _known(ctx) if (word := f"{short[kind]}/{name}").startswith(incomplete)]


def spaces(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return names of the namespace's CoworkingSpaces; none when the cluster does not tell."""
    return _of_kind("CoworkingSpace", ctx, incomplete)


def targets(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return names of the namespace's ScrapeTargets; none when the cluster does not tell."""
    return _of_kind("ScrapeTarget", ctx, incomplete)


def _of_kind(kind_wanted: str, ctx: typer.Context, incomplete: str) -> list[str]:
    return [name for kind, name in _known(ctx) if kind == kind_wanted and name.startswith(incomplete)]


def _known(ctx: typer.Context) -> list[kube.Name]:
    try:
        found = kube.Kube(ctx.params.get("namespace") or "").all()
    except Failure:
        return []  # a Tab key says nothing of what is wrong; the command itself will
    return [(resource["kind"], resource["metadata"]["name"]) for resource in found]
