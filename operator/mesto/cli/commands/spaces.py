"""Coworking spaces: `mesto spaces`, `mesto explain` and `mesto export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal, get_args

import typer
from mesto.cli import completion, kube, numbers, output
from mesto.cli import explain as explaining
from mesto.cli.command_line import command
from mesto.cli.console import exit_on_failure, say
from mesto.cli.failure import NOT_READY, Failure
from mesto.cli.options import Namespace, TextForm

app = typer.Typer(no_args_is_help=True, help="Coworking spaces as manifests.")


@app.command("import")
@exit_on_failure
def import_spaces(
    file: Annotated[
        Path,
        typer.Argument(help="CSV with a heading, JSON (a list of objects) or GeoJSON points; UTF-8. - reads a pipe."),
    ],
    template: Annotated[
        Path, typer.Option("--template", "-t", help="A CoworkingSpace in YAML; {column} in a value is a row's cell.")
    ],
    form: Annotated[Literal["yaml"], typer.Option("--output", "-o", help="How to print the manifests.")] = "yaml",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and count; print no manifest.")] = False,
    namespace: Annotated[str, typer.Option(help="metadata.namespace of all, in place of the template's.")] = "",
    key: Annotated[
        str, typer.Option("--id", help="The column that tells rows apart for good; names are made of it.")
    ] = "",
    decimal: Annotated[
        numbers.Mark | None, typer.Option(help="The mark before decimals, where amounts alone do not say it.")
    ] = None,
) -> None:
    """Make CoworkingSpace manifests of rows: one per row, bad rows told on stderr (then the exit code is 1).

    Where the template leaves them out, title, address and location come from the columns name, address, and lat, lng,
    lon, latitude or longitude. The space's name in the cluster is made of its title, or of --id; rows that would have
    the same name are refused, and so is an amount that can be read in two ways (1,250).
    """
    from mesto.cli import manifests

    good, bad = manifests.build(file, template, kube.namespace_of(namespace), key, decimal)
    for sentence in bad:
        say(sentence)
    if not dry_run:
        sys.stdout.write(manifests.dump(good))
    if dry_run or bad:
        say(f"{len(good)} good, {len(bad)} bad rows." + (" Nothing was printed: dry run." if dry_run else ""))
    if bad:
        raise typer.Exit(1)


@exit_on_failure
def explain(
    space: Annotated[
        str,
        typer.Argument(
            metavar="SPACE", help="A CoworkingSpace, such as loft or cws/loft.", autocompletion=completion.spaces
        ),
    ],
    namespace: Namespace = "",
    form: TextForm = "text",
) -> None:
    """Why a renter can't book a space now, and what to do. Exit code 5: it can't be booked.

    While the newest generation waits renters may book the one before: that is said, and the exit code is 0.
    """
    name = kube.parse(space if "/" in space else f"cws/{space}")
    if name[0] != "CoworkingSpace":
        ask = command("status", space, namespace=namespace)
        raise Failure(f"Only a CoworkingSpace is booked; of {space} ask: {ask}")
    found = kube.Kube(namespace).get(name)
    sentences, bookable = list(explaining.sentences(found)), explaining.bookable(found)
    if form in get_args(output.Data):
        output.data({"bookable": bookable, "generation": explaining.generation(found), "sentences": sentences}, form)
    else:
        sys.stdout.writelines(f"{line}\n" for line in sentences)
    if not bookable:
        raise typer.Exit(NOT_READY)


@exit_on_failure
def export(
    namespace: Annotated[str, typer.Option("--namespace", "-n", help="Only of this namespace; all without it.")] = "",
    name: Annotated[str, typer.Option(help="Only of this name.")] = "",
    city: Annotated[str, typer.Option(help="Only of this city, by its slug.")] = "",
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Annotate spaces that no resource manages with mesto.dev/adopt.")
    ] = False,
    form: Annotated[
        Literal["yaml", "json"], typer.Option("--output", "-o", help="A YAML stream, or a List in JSON.")
    ] = "yaml",
) -> None:
    """Spaces as catalog has them now, as manifests for kubectl apply: a move, a backup, or GitOps from what is there.

    Spaces whose resource is gone (deletionPolicy: Retain) are among them, unpublished. Applied where they come from,
    those that resources manage change nothing; the others are taken over by a resource of their namespace and name,
    by any other only with --adopt. deletionPolicy is no part of a row and left out.

    Only spaces have rows that say all that a resource does. A PlatformConfig, a GeoDataset and a ScrapeTarget are to
    be had from the API server (kubectl get -o yaml); what mesto geo load has loaded, from its files.
    Exit code 1: a row is such that no resource can declare it; it is named and left out.
    """
    from mesto.cli import export as exporting
    from mesto.cli import manifests

    good, bad = exporting.manifests_of(
        exporting.stored({"namespace": kube.namespace_of(namespace), "name": name, "city": city}), adopt
    )
    for sentence in bad:
        say(sentence)
    if form == "json":
        output.data({"apiVersion": "v1", "kind": "List", "items": good}, form)
    else:
        sys.stdout.write(manifests.dump(good))
    if not good and not bad:
        say("Catalog has no such space.")
    if bad:
        raise typer.Exit(1)
