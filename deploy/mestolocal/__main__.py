"""`python -m mestolocal …`: what the Makefile calls."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from .paths import PlatformError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def about() -> None:
    """The local platform of Mesto."""


@app.command("dev-servers")
def dev_servers(k8s: Annotated[bool, typer.Option("--k8s", help="also a Kubernetes API server")] = False) -> None:
    """PostgreSQL and RabbitMQ on free ports, in the foreground; prints what to export."""
    from . import sessions

    sessions.dev_servers(kubernetes=k8s)


def main() -> None:
    try:
        app()
    except PlatformError as error:
        print(f"\n{error}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
