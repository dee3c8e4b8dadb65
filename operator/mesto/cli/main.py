"""The `mesto` command, also `kubectl mesto`."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import typer
from mesto.cli import (
    completion,
    geofile,
    jobs,
    kube,
    manifests,
    numbers,
    scrape_run,
    service_client,
    status_tree,
)
from mesto.cli import diff as comparing
from mesto.cli import explain as explaining
from mesto.cli import export as exporting
from mesto.cli.command_line import command
from mesto.cli.failure import DIFFERENCES, NOT_READY, PLATFORM, RUN_FAILED, Failure
from mesto.common.sentences import count
from mesto.contracts.jobs import Job
from rich.console import Console
from slugify import slugify

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Work with a Mesto platform, found by the environment (MESTO_…) or by .mesto/env in this folder or above. "
    "Exit codes: 0 done, 1 wrong input, 2 wrong usage, 3 the platform does not answer, 4 there are differences, "
    "5 a resource is not Ready, or a space not bookable, 6 a run has failed.",
)
accounts_app = typer.Typer(no_args_is_help=True, help="Accounts and their roles.")
geo_app = typer.Typer(no_args_is_help=True, help="Districts and public transport stops.")
spaces_app = typer.Typer(no_args_is_help=True, help="Coworking spaces as manifests.")
app.add_typer(accounts_app, name="accounts")
app.add_typer(geo_app, name="geo")
app.add_typer(spaces_app, name="spaces")

Role = Literal["renter", "owner", "moderator", "admin"]


def _say(message: str) -> None:
    """A line for people, on stderr: stdout is for what a pipe takes."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(message, markup=False)


def friendly(command: Callable[..., None]) -> Callable[..., None]:
    """Turn expected failures into a sentence and an exit code."""

    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except Failure as failure:
            _say(f"Error: {failure}")
            raise typer.Exit(failure.code) from failure

    return run


@accounts_app.command("grant")
@friendly
def grant(
    email: Annotated[str, typer.Argument(help="The account's e-mail address.")],
    role: Annotated[Role, typer.Argument(help="The role to add.")],
) -> None:
    """Give an account a role."""
    service_client.call("auth", "POST", "/internal/accounts/grant", {"email": email, "role": role})
    _say(f"{email} is now {role}.")


@accounts_app.command("create")
@friendly
def create(
    email: Annotated[str, typer.Option(help="The address to sign in with.")],
    password: Annotated[str, typer.Option(help="At least 10 characters.", envvar="MESTO_PASSWORD")],
    name: Annotated[str, typer.Option(help="How the person is addressed.")],
    role: Annotated[Role, typer.Option(help="The account's role.")] = "renter",
    verified: Annotated[bool, typer.Option("--verified", help="Take the address as verified.")] = False,
    locale: Annotated[Literal["ru", "en"], typer.Option(help="The language of e-mails.")] = "ru",
    replace: Annotated[
        bool, typer.Option("--replace", help="Change an account with another password: all of it.")
    ] = False,
) -> None:
    """Create an account; one that is there with this password is given the role, and verified if asked for."""
    body = {"email": email, "password": password, "name": name, "role": role, "verified": verified, "locale": locale}
    service_client.call("auth", "POST", "/internal/accounts", body | {"replace": replace})
    _say(f"{email} ({role}) is there.")


@geo_app.command("load")
@friendly
def load(
    file: Annotated[
        Path,
        typer.Argument(help="GeoJSON, JSON (a list of objects) or CSV with a heading; UTF-8. - reads a pipe."),
    ],
    city: Annotated[str, typer.Option(help="The city's slug, as the PlatformConfig declares it.")],
    kind: Annotated[Literal["districts", "stops"], typer.Option("--type", help="What the file holds.")],
    name: Annotated[
        str, typer.Option("--name", "--dataset-name", help="The dataset's name; by default made of the file's name.")
    ] = "",
    mapping: Annotated[
        str,
        typer.Option(
            help="field=column pairs by comma, where the columns' names are unusual. Fields of districts: "
            "name, nameLatin, slug; of stops: name, line, color, latitude, longitude."
        ),
    ] = "",
) -> None:
    """Load districts or stops of a city; a dataset of the same name is replaced whole, others of the city stay."""
    features, bad = geofile.read(file, kind, geofile.parse_mapping(mapping, kind))
    if bad:
        raise Failure("nothing was loaded.\n" + "\n".join(f"  {file}, {sentence}" for sentence in bad[:20]))
    dataset = slugify(name or file.stem, max_length=63)
    if not dataset:
        raise Failure("no name can be made of the file's name; give one with --name.")
    body = {"type": kind, "city": city, "features": features}
    answer = service_client.call("geo", "PUT", f"/internal/datasets/{dataset}", body)
    if answer["unchanged"]:
        _say(f"{dataset}: {answer['features']} {kind} of {city}, unchanged.")
        return
    mended = f" Mended outlines: {answer['repaired']}." if answer["repaired"] else ""
    _say(f"{dataset}: {answer['features']} {kind} of {city} loaded. Spaces placed anew: {answer['relocated']}.{mended}")


@spaces_app.command("import")
@friendly
def import_spaces(
    file: Annotated[
        Path,
        typer.Argument(help="CSV with a heading, JSON (a list of objects) or GeoJSON points; UTF-8. - reads a pipe."),
    ],
    template: Annotated[
        Path, typer.Option("--template", "-t", help="A CoworkingSpace in YAML; {column} in a value is a row's cell.")
    ],
    output: Annotated[Literal["yaml"], typer.Option("--output", "-o", help="How to print the manifests.")] = "yaml",
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
    good, bad = manifests.build(file, template, kube.namespace_of(namespace), key, decimal)
    for sentence in bad:
        _say(sentence)
    if not dry_run:
        sys.stdout.write(manifests.dump(good))
    if dry_run or bad:
        _say(f"{len(good)} good, {len(bad)} bad rows." + (" Nothing was printed: dry run." if dry_run else ""))
    if bad:
        raise typer.Exit(1)


Output = Annotated[Literal["table", "json", "yaml"], typer.Option("--output", "-o", help="How to print the result.")]
Said = Annotated[Literal["text", "json", "yaml"], typer.Option("--output", "-o", help="How to print it.")]
Timeout = Annotated[float, typer.Option(help="Seconds to wait for the end; the work goes on after that.", min=1)]


def _told(done: list[Job], heading: str, output: str) -> None:
    """Print what came of jobs. Raises Failure when one has failed."""
    if output in get_args(output.Data):
        output.data([job.model_dump(mode="json") for job in done], output)
    else:
        width = None if sys.stdout.isatty() else 200
        Console(highlight=False, markup=False, width=width).print(jobs.table(done, heading))
    if failed := [job for job in done if job.status == "failed"]:
        raise Failure("; ".join(f"{job.service}: {job.error}" for job in failed), PLATFORM)


@app.command("audit")
@friendly
def audit(
    services: Annotated[
        list[jobs.Audited] | None, typer.Argument(metavar="SERVICE", help="Which services; all without a name.")
    ] = None,
    output: Output = "table",
    settle: Annotated[
        float | None,
        typer.Option(help="Seconds that a change may take to arrive, else the service's setting.", min=0, max=600),
    ] = None,
    timeout: Timeout = 1800,
) -> None:
    """Compare what services know of each other, recount seats, check payments.

    It changes nothing and runs beside the traffic, as every night; one that runs already is
    joined. Exit code 4: there are differences. They also become a metric
    (mesto_audit_differences), an alert, and a line audit_difference in the worker's log.
    `mesto rebuild SERVICE` mends what can be mended.
    """
    asked = [jobs.ask_or_join(name, "audit", settle, _say) for name in dict.fromkeys(services or jobs.Audited)]
    done = jobs.follow(asked, _say, timeout)
    _told(done, "differences", output)
    if found := jobs.total(done):
        _say(f"{count(found, 'difference')}.")
        raise typer.Exit(DIFFERENCES)
    _say("No differences.")


@app.command("rebuild")
@friendly
def rebuild(
    service: Annotated[jobs.Audited, typer.Argument(metavar="SERVICE", help="catalog, booking, geo or notifications.")],
    output: Output = "table",
    timeout: Timeout = 1800,
) -> None:
    """Refill what a service knows of others from their owners.

    Needed after a restore. What is there gives way to what the owner says: missing rows come
    back, wrong ones are put right, also those with a higher revision, unknown ones are marked
    as gone; seats are counted again. The service keeps running. It is safe to repeat, and safe
    to kill; one rebuild of a service runs at a time.
    """
    done = jobs.follow([jobs.ask(service, "rebuild")], _say, timeout)
    _told(done, "mended", output)
    _say(f"{service}: {jobs.total(done)} mended.")


Namespace = Annotated[str, typer.Option("--namespace", "-n", help="By default the kubeconfig's.")]
Names = Annotated[
    list[str] | None, typer.Argument(metavar="KIND/NAME...", help="Such as cws/loft.", autocompletion=completion.names)
]
Every = Annotated[bool, typer.Option("--all", help="All resources of the namespace.")]


@app.command("status")
@friendly
def status(
    name: Annotated[
        str,
        typer.Argument(
            metavar="KIND/NAME", help="One resource, such as cws/loft; else all.", autocompletion=completion.names
        ),
    ] = "",
    namespace: Namespace = "",
    everywhere: Annotated[bool, typer.Option("--all-namespaces", "-A", help="Of all namespaces.")] = False,
    output: Annotated[
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
    if output in get_args(output.Data):
        output.data(found, output)
    else:
        lines = output.wide(found) if output == "wide" else (line for one in found for line in status_tree.lines(one))
        sys.stdout.writelines(f"{line}\n" for line in lines)
    if not found:
        _say("There are no resources of Mesto " + ("anywhere." if everywhere else f"in {cluster.namespace}."))
    if not all(status_tree.ready(resource) for resource in found):
        raise typer.Exit(NOT_READY)


@app.command("explain")
@friendly
def explain(
    space: Annotated[
        str,
        typer.Argument(
            metavar="SPACE", help="A CoworkingSpace, such as loft or cws/loft.", autocompletion=completion.spaces
        ),
    ],
    namespace: Namespace = "",
    output: Said = "text",
) -> None:
    """Why a renter can't book a space now, and what to do. Exit code 5: it can't be booked.

    While the newest generation waits renters may book the one before: that is said, and the exit code is 0.
    """
    wanted = kube.parse(space if "/" in space else f"cws/{space}")
    if wanted[0] != "CoworkingSpace":
        ask = command("status", space, namespace=namespace)
        raise Failure(f"Only a CoworkingSpace is booked; of {space} ask: {ask}")
    found = kube.Kube(namespace).one(wanted)
    said, bookable = list(explaining.sentences(found)), explaining.bookable(found)
    if output in get_args(output.Data):
        output.data({"bookable": bookable, "generation": explaining.generation(found), "sentences": said}, output)
    else:
        sys.stdout.writelines(f"{line}\n" for line in said)
    if not bookable:
        raise typer.Exit(NOT_READY)


@app.command("diff")
@friendly
def diff(
    file: Annotated[str, typer.Option("--filename", "-f", help="A manifest, a folder or an address; - reads a pipe.")],
    namespace: Namespace = "",
    output: Said = "text",
) -> None:
    """What kubectl apply would change, field by field, and how many bookings that would strand.

    Nothing is changed: the API server only tries. Exit code 4: something would change.
    """
    cluster = kube.Kube(namespace)
    tried = comparing.tried(file, namespace)
    ours = [one for one in tried if one["kind"] in status_tree.KINDS]
    found = [comparing.compare(cluster, one) for one in ours]
    if output in get_args(output.Data):
        output.data(found, output)
    else:
        sys.stdout.writelines(f"{line}\n" for one in found for line in comparing.lines(one))
    if len(tried) > len(ours):
        _say(f"Not compared, for they are not Mesto's: {len(tried) - len(ours)}. Ask kubectl diff.")
    if any(one["action"] != "same" for one in found):
        raise typer.Exit(DIFFERENCES)


@app.command("export")
@friendly
def export(
    namespace: Annotated[str, typer.Option("--namespace", "-n", help="Only of this namespace; all without it.")] = "",
    name: Annotated[str, typer.Option(help="Only of this name.")] = "",
    city: Annotated[str, typer.Option(help="Only of this city, by its slug.")] = "",
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Annotate spaces that no resource manages with mesto.dev/adopt.")
    ] = False,
    output: Annotated[
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
    good, bad = exporting.manifests_of(
        exporting.stored({"namespace": kube.namespace_of(namespace), "name": name, "city": city}), adopt
    )
    for sentence in bad:
        _say(sentence)
    if output == "json":
        output.data({"apiVersion": "v1", "kind": "List", "items": good}, output)
    else:
        sys.stdout.write(manifests.dump(good))
    if not good and not bad:
        _say("Catalog has no such space.")
    if bad:
        raise typer.Exit(1)


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


@app.command("pause")
@friendly
def pause(names: Names = None, namespace: Namespace = "", every: Every = False) -> None:
    """Let the operator leave resources alone, changes and deletion included, until resume."""
    several, where = _annotate(names, namespace, every, {"mesto.dev/paused": "true"})
    _say(f"Paused: {several}. Changes wait until {command('resume', *(names or ['--all']), namespace=where)}")


@app.command("resume")
@friendly
def resume(names: Names = None, namespace: Namespace = "", every: Every = False) -> None:
    """Let the operator go on with paused resources."""
    _say(f"Going on: {_annotate(names, namespace, every, {'mesto.dev/paused': None})[0]}.")


@app.command("resync")
@friendly
def resync(names: Names = None, namespace: Namespace = "", every: Every = False) -> None:
    """Tell the services of resources anew, although nothing seems to differ."""
    several, _ = _annotate(names, namespace, every, {"mesto.dev/resync": datetime.now(UTC).isoformat()})
    _say(f"To be told anew: {several}. Paused ones are left alone.")


@app.command("run")
@friendly
def run(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET", help="A ScrapeTarget, such as rival or sct/rival.", autocompletion=completion.targets
        ),
    ],
    namespace: Namespace = "",
    wait: Annotated[bool, typer.Option("--wait", help="Until the run has ended, then say what came of it.")] = False,
    output: Said = "text",
    timeout: Annotated[float, typer.Option(help="Seconds to wait at most; the run goes on after that.", min=1)] = 3600,
) -> None:
    """Read a rival's site now, besides its schedule. Exit code 6, with --wait: the run has failed; 5: none can begin.

    A suspended target runs, too. A paused one keeps the wish until it goes on; --wait refuses to wait for that. The
    newest wish counts: two that come before the operator acts are one run.
    """
    wanted = kube.parse(target if "/" in target else f"sct/{target}")
    if wanted[0] != "ScrapeTarget":
        raise Failure(f"Only a ScrapeTarget runs; {target} is none. Ask: {command('status', namespace=namespace)}")
    cluster = kube.Kube(namespace)
    found = cluster.one(wanted)
    if wait and (why := scrape_run.stuck(found)):
        raise Failure(f"{why} Nothing was asked for: it would be waited for in vain.", NOT_READY)
    if wait and (why := scrape_run.hindrance(found)):
        raise Failure(f"{why} Nothing was asked for: it would be waited for in vain.")
    asked = datetime.now(UTC).isoformat()
    cluster.annotate(wanted, {scrape_run.ANNOTATION: asked})
    _say(f"Asked for a run of {cluster.namespace}/{wanted[1]}.")
    for sentence in scrape_run.prospects(found):
        _say(sentence)
    if wait:
        _came_of(scrape_run.wait(lambda: cluster.one(wanted), asked, timeout), output)


def _came_of(ended: dict[str, Any], output: str) -> None:
    """Print a run that has ended; exit code 6 when it has failed."""
    if output in get_args(output.Data):
        output.data(ended, output)
    else:
        sys.stdout.write(f"{scrape_run.sentence(ended)}\n")
    if ended["outcome"] != scrape_run.SUCCEEDED:
        raise typer.Exit(RUN_FAILED)


if __name__ == "__main__":
    app()
