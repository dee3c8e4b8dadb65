"""Resources of any kind: `mesto status`, `diff`, `pause`, `resume` and `resync`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated, Literal, get_args

import typer
from mesto.cli import completion, kube, output, status_tree
from mesto.cli import diff as comparing
from mesto.cli.command_line import command
from mesto.cli.console import exit_on_failure, say
from mesto.cli.failure import DIFFERENCES, NOT_READY, Failure
from mesto.cli.options import AllResources, Namespace, ResourceNames, TextForm


@exit_on_failure
def status(
    name: Annotated[
        str,
        typer.Argument(
            metavar="KIND/NAME", help="One resource, such as cws/loft; else all.", autocompletion=completion.names
        ),
    ] = "",
    namespace: Namespace = "",
    everywhere: Annotated[bool, typer.Option("--all-namespaces", "-A", help="Of all namespaces.")] = False,
    form: Annotated[
        Literal["tree", "wide", "json", "yaml"],
        typer.Option("--output", "-o", help="As a tree, a line each (wide), or whole."),
    ] = "tree",
) -> None:
    """Resources with their services and conditions. Exit code 5: one of them is not Ready."""
    if name and everywhere:
        raise Failure("A name is of one namespace: write -n NAMESPACE instead of -A.")
    wanted = kube.parse(name) if name else None
    cluster = kube.Kube(namespace)
    found = [cluster.one(wanted)] if wanted else cluster.all(everywhere=everywhere)
    if form in get_args(output.Data):
        output.data(found, form)
    else:
        lines = output.wide(found) if form == "wide" else (line for one in found for line in status_tree.lines(one))
        sys.stdout.writelines(f"{line}\n" for line in lines)
    if not found:
        say("There are no resources of Mesto " + ("anywhere." if everywhere else f"in {cluster.namespace}."))
    if not all(status_tree.ready(resource) for resource in found):
        raise typer.Exit(NOT_READY)


@exit_on_failure
def diff(
    file: Annotated[str, typer.Option("--filename", "-f", help="A manifest, a folder or an address; - reads a pipe.")],
    namespace: Namespace = "",
    form: TextForm = "text",
) -> None:
    """What kubectl apply would change, field by field, and how many bookings that would strand.

    Nothing is changed: the API server only tries. Exit code 4: something would change.
    """
    cluster = kube.Kube(namespace)
    tried = comparing.tried(file, namespace)
    ours = [one for one in tried if one["kind"] in status_tree.KINDS]
    found = [comparing.compare(cluster, one) for one in ours]
    if form in get_args(output.Data):
        output.data(found, form)
    else:
        sys.stdout.writelines(f"{line}\n" for one in found for line in comparing.lines(one))
    if len(tried) > len(ours):
        say(f"Not compared, for they are not Mesto's: {len(tried) - len(ours)}. Ask kubectl diff.")
    if any(one["action"] != "same" for one in found):
        raise typer.Exit(DIFFERENCES)


def _annotate(
    names: list[str] | None, namespace: str, every: bool, annotations: dict[str, str | None]
) -> tuple[int, str]:
    """Annotate what is named, or all of the namespace; how many and in which one. One that is missing changes none."""
    if bool(names) == every:
        raise Failure("Name the resources, such as cws/loft, or write --all; one of both.")
    wanted = [kube.parse(name) for name in names or []]
    cluster = kube.Kube(namespace)
    if every:
        wanted = [(one["kind"], one["metadata"]["name"]) for one in cluster.all()]
    else:
        for one in wanted:
            cluster.one(one)
    for one in wanted:
        cluster.annotate(one, annotations)
    return len(wanted), cluster.namespace


@exit_on_failure
def pause(names: ResourceNames = None, namespace: Namespace = "", every: AllResources = False) -> None:
    """Let the operator leave resources alone, changes and deletion included, until resume."""
    several, where = _annotate(names, namespace, every, {"mesto.dev/paused": "true"})
    say(f"Paused: {several}. Changes wait until {command('resume', *(names or ['--all']), namespace=where)}")


@exit_on_failure
def resume(names: ResourceNames = None, namespace: Namespace = "", every: AllResources = False) -> None:
    """Let the operator go on with paused resources."""
    say(f"Going on: {_annotate(names, namespace, every, {'mesto.dev/paused': None})[0]}.")


@exit_on_failure
def resync(names: ResourceNames = None, namespace: Namespace = "", every: AllResources = False) -> None:
    """Tell the services of resources anew, although nothing seems to differ."""
    several, _ = _annotate(names, namespace, every, {"mesto.dev/resync": datetime.now(UTC).isoformat()})
    say(f"To be told anew: {several}. Paused ones are left alone.")
