"""Options that several commands have."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from mesto.cli import completion

TableForm = Annotated[Literal["table", "json", "yaml"], typer.Option("--output", "-o", help="How to print the result.")]
TextForm = Annotated[Literal["text", "json", "yaml"], typer.Option("--output", "-o", help="How to print it.")]
Timeout = Annotated[float, typer.Option(help="Seconds to wait for the end; the work goes on after that.", min=1)]
Namespace = Annotated[str, typer.Option("--namespace", "-n", help="By default the kubeconfig's.")]
ResourceNames = Annotated[
    list[str] | None, typer.Argument(metavar="KIND/NAME...", help="Such as cws/loft.", autocompletion=completion.names)
]
AllResources = Annotated[bool, typer.Option("--all", help="All resources of the namespace.")]
