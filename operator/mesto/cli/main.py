"""The `mesto` command, also `kubectl mesto`: made of the commands in ``commands``."""

from __future__ import annotations

import typer
from mesto.cli.commands import accounts, geo, jobs, resources, spaces, targets

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Work with a Mesto platform, found by the environment (MESTO_…) or by .mesto/env in this folder or above. "
    "Exit codes: 0 done, 1 wrong input, 2 wrong usage, 3 the platform does not answer, 4 there are differences, "
    "5 a resource is not Ready, or a space not bookable, 6 a run has failed.",
)
for command in (
    jobs.audit,
    jobs.rebuild,
    resources.status,
    spaces.explain,
    resources.diff,
    spaces.export,
    resources.pause,
    resources.resume,
    resources.resync,
    targets.run,
):
    app.command(command.__name__)(command)
for name, commands in (("accounts", accounts.app), ("geo", geo.app), ("spaces", spaces.app)):
    app.add_typer(commands, name=name)


if __name__ == "__main__":
    app()
