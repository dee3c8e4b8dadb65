"""`python -m mestolocal …`: what the Makefile calls."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from .paths import PlatformError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


def chosen() -> tuple[Any, tuple[str, ...]]:
    """What MESTO_CLUSTER names: the platform on this machine, or a release in a cluster (and which kind of)."""
    from . import release, up

    choice = release.cluster_choice()
    return (up, ()) if choice == "embedded" else (release, (choice,))


@app.callback()
def about() -> None:
    """The local platform of Mesto."""


@app.command("dev-servers")
def dev_servers(k8s: Annotated[bool, typer.Option("--k8s", help="also a Kubernetes API server")] = False) -> None:
    """PostgreSQL and RabbitMQ on free ports, in the foreground; prints what to export."""
    from . import sessions

    sessions.dev_servers(kubernetes=k8s)


@app.command()
def up() -> None:
    """Start the platform; safe to repeat."""
    platform, choice = chosen()
    platform.up(*choice)


@app.command()
def down() -> None:
    """Stop the platform; its data stays."""
    platform, _ = chosen()
    platform.down()


@app.command()
def status() -> None:
    """State and readiness of each process."""
    platform, _ = chosen()
    if not platform.status():
        raise SystemExit(1)


@app.command()
def logs(names: Annotated[list[str] | None, typer.Argument(help="processes, see status")] = None) -> None:
    """The end of the logs, followed when a person watches."""
    platform, _ = chosen()
    platform.logs(names or [])


@app.command()
def clean() -> None:
    """Stop the platform and delete its data."""
    platform, _ = chosen()
    platform.clean()


@app.command()
def build() -> None:
    """Build what the platform and the tests need, into the cache."""
    from . import builds

    builds.kubernetes()
    builds.frontend()
    builds.mailbox()


@app.command("format")
def format_frontend() -> None:
    """Format the front end."""
    from . import builds

    builds.npm("run", "--silent", "format", cwd=builds.frontend_dependencies())


@app.command("images")
def container_images() -> None:
    """Build the container images."""
    from . import images

    images.report(images.build())


def main() -> None:
    try:
        app()
    except PlatformError as error:
        print(f"\n{error}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
