"""ScrapeTargets: `mesto run`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated, get_args

import typer
from mesto.cli import completion, kube, output, scrape_run
from mesto.cli.command_line import command
from mesto.cli.console import exit_on_failure, say
from mesto.cli.failure import NOT_READY, RUN_FAILED, Failure
from mesto.cli.options import Namespace, TextForm
from mesto.operator.objects import RunFields


@exit_on_failure
def run(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET", help="A ScrapeTarget, such as rival or sct/rival.", autocompletion=completion.targets
        ),
    ],
    namespace: Namespace = "",
    wait: Annotated[bool, typer.Option("--wait", help="Until the run has ended, then say what came of it.")] = False,
    form: TextForm = "text",
    timeout: Annotated[float, typer.Option(help="Seconds to wait at most; the run goes on after that.", min=1)] = 3600,
) -> None:
    """Read a rival's site now, besides its schedule. Exit code 6, with --wait: the run has failed; 5: none can begin.

    A suspended target runs, too. A paused one keeps the wish until it goes on; --wait refuses to wait for that. The
    newest wish counts: two that come before the operator acts are one run.
    """
    name = kube.parse(target if "/" in target else f"sct/{target}")
    if name[0] != "ScrapeTarget":
        raise Failure(f"Only a ScrapeTarget runs; {target} is none. Ask: {command('status', namespace=namespace)}")
    cluster = kube.Kube(namespace)
    found = cluster.get(name)
    if wait and (why := scrape_run.stuck(found)):
        raise Failure(f"{why} Nothing was asked for: it would be waited for in vain.", NOT_READY)
    if wait and (why := scrape_run.blocker(found)):
        raise Failure(f"{why} Nothing was asked for: it would be waited for in vain.")
    requested_at = datetime.now(UTC).isoformat()
    cluster.annotate(name, {scrape_run.ANNOTATION: requested_at})
    say(f"Asked for a run of {cluster.namespace}/{name[1]}.")
    for sentence in scrape_run.warnings(found):
        say(sentence)
    if wait:
        _print_run(scrape_run.wait(lambda: cluster.get(name), requested_at, timeout), form)


def _print_run(ended: RunFields, form: str) -> None:
    """Print a run that has ended; exit code 6 when it has failed."""
    if form in get_args(output.Data):
        output.data(ended, form)
    else:
        sys.stdout.write(f"{scrape_run.sentence(ended)}\n")
    if ended["outcome"] != scrape_run.SUCCEEDED:
        raise typer.Exit(RUN_FAILED)
