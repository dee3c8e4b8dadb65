"""Audits and rebuilds: `mesto audit` and `mesto rebuild`."""

from __future__ import annotations

import sys
from typing import Annotated, get_args

import typer
from mesto.cli import jobs, output
from mesto.cli.console import exit_on_failure, say
from mesto.cli.failure import DIFFERENCES, PLATFORM, Failure
from mesto.cli.options import TableForm, Timeout
from mesto.common.sentences import count
from mesto.contracts.jobs import Job


def _print_jobs(done: list[Job], heading: str, form: str) -> None:
    """Print what came of jobs. Raises Failure when one has failed."""
    if form in get_args(output.Data):
        output.data([job.model_dump(mode="json") for job in done], form)
    else:
        from rich.console import Console

        width = None if sys.stdout.isatty() else 200
        Console(highlight=False, markup=False, width=width).print(jobs.table(done, heading))
    if failed := [job for job in done if job.status == "failed"]:
        raise Failure("; ".join(f"{job.service}: {job.error}" for job in failed), PLATFORM)


@exit_on_failure
def audit(
    services: Annotated[
        list[jobs.Audited] | None, typer.Argument(metavar="SERVICE", help="Which services; all without a name.")
    ] = None,
    form: TableForm = "table",
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
    requested = [jobs.request_or_join(name, "audit", settle, say) for name in dict.fromkeys(services or jobs.Audited)]
    done = jobs.follow(requested, say, timeout)
    _print_jobs(done, "differences", form)
    if found := jobs.total(done):
        say(f"{count(found, 'difference')}.")
        raise typer.Exit(DIFFERENCES)
    say("No differences.")


@exit_on_failure
def rebuild(
    service: Annotated[jobs.Audited, typer.Argument(metavar="SERVICE", help="catalog, booking, geo or notifications.")],
    form: TableForm = "table",
    timeout: Timeout = 1800,
) -> None:
    """Refill what a service knows of others from their owners.

    Needed after a restore. What is there gives way to what the owner says: missing rows come
    back, wrong ones are put right, also those with a higher revision, unknown ones are marked
    as gone; seats are counted again. The service keeps running. It is safe to repeat, and safe
    to kill; one rebuild of a service runs at a time.
    """
    done = jobs.follow([jobs.request(service, "rebuild")], say, timeout)
    _print_jobs(done, "mended", form)
    say(f"{service}: {jobs.total(done)} mended.")
