"""What commands say to people, and how they end when something expected fails."""

from __future__ import annotations

import functools
from collections.abc import Callable

import typer
from mesto.cli.failure import Failure


def say(message: str) -> None:
    """Print a line for people on stderr: stdout is for what a pipe takes."""
    typer.echo(message, err=True)


def exit_on_failure(command: Callable[..., None]) -> Callable[..., None]:
    """Turn expected failures into a sentence and an exit code."""

    @functools.wraps(command)
    def run(*arguments: object, **options: object) -> None:
        try:
            command(*arguments, **options)
        except Failure as failure:
            say(f"Error: {failure}")
            raise typer.Exit(failure.code) from failure

    return run
