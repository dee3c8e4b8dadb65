"""`mesto geo`: districts and public transport stops."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from mesto.cli import service_client
from mesto.cli.console import exit_on_failure, say
from mesto.cli.failure import Failure

app = typer.Typer(no_args_is_help=True, help="Districts and public transport stops.")


@app.command("load")
@exit_on_failure
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
    from mesto.cli import geofile
    from slugify import slugify

    features, bad = geofile.read(file, kind, geofile.parse_mapping(mapping, kind))
    if bad:
        raise Failure("nothing was loaded.\n" + "\n".join(f"  {file}, {sentence}" for sentence in bad[:20]))
    dataset = slugify(name or file.stem, max_length=63)
    if not dataset:
        raise Failure("no name can be made of the file's name; give one with --name.")
    body = {"type": kind, "city": city, "features": features}
    answer = service_client.call("geo", "PUT", f"/internal/datasets/{dataset}", body)
    if answer["unchanged"]:
        say(f"{dataset}: {answer['features']} {kind} of {city}, unchanged.")
        return
    mended = f" Mended outlines: {answer['repaired']}." if answer["repaired"] else ""
    say(f"{dataset}: {answer['features']} {kind} of {city} loaded. Spaces placed anew: {answer['relocated']}.{mended}")
