"""Resources of any kind: `mesto status`, `diff`, `pause`, `resume` and `resync`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated, Literal, get_args

import typer
from mesto.cli import completion, kube, output, status_tree
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
    selected = kube.parse(name) if name else None
    cluster = kube.Kube(namespace)
    found = [cluster.get(selected)] if selected else cluster.all(everywhere=everywhere)
    if form in get_args(output.Data):
        output.data(found, form)
    else:
        lines = output.wide(found) if form == "wide" else (line for item in found for line in status_tree.lines(item))
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
    from mesto.cli import diff as comparing

    cluster = kube.Kube(namespace)
    after = comparing.dry_run(file, namespace)
    ours = [item for item in after if item["kind"] in status_tree.KINDS]
    found = [comparing.compare(cluster, item) for item in ours]
    if form in get_args(output.Data):
        output.data(found, form)
    else:
        sys.stdout.writelines(f"{line}\n" for item in found for line in comparing.lines(item))
    if len(after) > len(ours):
        say(f"Not compared, for they are not Mesto's: {len(after) - len(ours)}. Ask kubectl diff.")
    if any(item["action"] != "same" for item in found):
        raise typer.Exit(DIFFERENCES)


def _annotate(
    names: list[str] | None, namespace: str, every: bool, annotations: dict[str, str | None]
) -> tuple[int, str]:
    """Annotate what is named, or all of the namespace; return how many and in which. A missing one changes none."""
    if bool(names) == every:
        raise Failure("Name the resources, such as cws/loft, or write --all; one of both.")
    selected = [kube.parse(name) for name in names or []]
    cluster = kube.Kube(namespace)
    if every:
        selected = [(item["kind"], item["metadata"]["name"]) for item in cluster.all()]
    else:
        for item in selected:
            cluster.get(item)
    for item in selected:
        cluster.annotate(item, annotations)
    return len(selected), cluster.namespace


@exit_on_failure
def pause(names: ResourceNames = None, namespace: Namespace = "", every: AllResources = False) -> None:
    """Let the operator leave resources alone, changes and deletion included, until resume."""
    number, where = _annotate(names, namespace, every, {"mesto.dev/paused": "true"})
    say(f"Paused: {number}. Changes wait until {command('resume', *(names or ['--all']), namespace=where)}")


@exit_on_failure
def resume(names: ResourceNames = None, namespace: Namespace = "", every: AllResources = False) -> None:
    """Let the operator go on with paused resources."""
    say(f"Going on: {_annotate(names, namespace, every, {'mesto.dev/paused': None})[0]}.")


@exit_on_failure
def resync(names: ResourceNames = None, namespace: Namespace = "", every: AllResources = False) -> None:
    """Tell the services of resources anew, although nothing seems to differ."""
    number, _ = _annotate(names, namespace, every, {"mesto.dev/resync": datetime.now(UTC).isoformat()})
    say(f"To be told anew: {number}. Paused ones are left alone.")
