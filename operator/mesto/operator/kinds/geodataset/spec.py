"""The kind GeoDataset: districts or stops of a city, from a ConfigMap or an address."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from mesto.operator import fields as common
from mesto.operator.conditions import READY_COLUMNS, ConditionList, ObservedGeneration, condition_path
from mesto.operator.schema import AGE, Column, Kind, Part, Rule
from pydantic import Field

_COLUMN = "write the name of a field in the source, 100 characters at most"
ColumnName = Annotated[str, Field(max_length=100, examples=["name"]), Rule("self.trim() != ''", _COLUMN)]


class ConfigMapSource(Part):
    """A key of a ConfigMap beside the resource, in data or binaryData; gzip is recognised."""

    name: common.ConfigMapName = Field(
        description="A ConfigMap of the resource's namespace.", examples=["moscow-districts"]
    )
    key: common.ConfigMapKey = Field(description="Its key that holds the data.", examples=["districts.geojson"])


class Source(Part):
    """Where the data is: exactly one of these."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("has(self.url) != has(self.configMap)", "write either source.url or source.configMap"),
    )
    url: common.DataAddress | None = Field(default=None, description="Read whole, 64 MiB at most; gzip is recognised.")
    config_map: ConfigMapSource | None = None
    sha256: (
        Annotated[
            str,
            Field(max_length=64),
            Rule("self.matches('^[0-9a-f]{64}$')", "write the SHA-256 of the data as 64 small hexadecimal digits"),
        ]
        | None
    ) = Field(
        default=None,
        description="What the data must hash to, 64 small hexadecimal digits; other data is refused.",
        examples=["9f86d0…"],
    )


class Mapping(Part):
    """Which field of the source is what; usual names are found without it."""

    name: ColumnName | None = Field(
        default=None, description="The field with the name, as people of the city write it."
    )
    name_latin: ColumnName | None = Field(default=None, description="The field with the name in Latin letters.")
    slug: ColumnName | None = Field(
        default=None, description="The field with a stable slug; made of the name without it."
    )
    line: ColumnName | None = Field(default=None, description="For stops: the field with the line's name or number.")
    color: ColumnName | None = Field(
        default=None, description="For stops: the field with the line's colour, six hex digits."
    )
    latitude: ColumnName | None = Field(default=None, description="For stops in CSV or JSON: degrees north.")
    longitude: ColumnName | None = Field(default=None, description="For stops in CSV or JSON: degrees east.")


class Refresh(Part):
    """When the source is read again."""

    schedule: common.Cron
    time_zone: common.TimeZone | None = Field(
        default=None, description="The schedule's time zone by its IANA name; UTC when left out."
    )
    suspend: bool | None = Field(default=None, description="True: the schedule rests; what is loaded stays.")


class GeoDatasetSpec(Part):
    """A layer of a city's map: it replaces what this resource has loaded before, whole or not at all."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("self.type == 'Stops' || self.format == 'GeoJSON'", "districts need areas: write format: GeoJSON"),
        Rule("self.type == 'Districts' || !has(self.level)", "only districts have a level: leave it out for stops"),
        Rule(
            "!has(self.refresh) || has(self.source.url)",
            "only an address is read again by a schedule: leave refresh out, a changed ConfigMap is seen by itself",
        ),
    )
    city: common.CitySlug = Field(description="Slug of a city that the platform knows.")
    type: Literal["Districts", "Stops"] = Field(
        description="What the data is: areas of a city, or stops of its transport."
    )
    format: Literal["GeoJSON", "GTFS", "CSV", "JSON"] = Field(
        description="How it is written; districts come as GeoJSON, GTFS is the ZIP of a timetable, read for its stops."
    )
    source: Source
    mapping: Mapping | None = None
    level: Literal["okrug", "district"] | None = Field(
        default=None, description="district when left out; a district lies in the okrug that holds most of it."
    )
    refresh: Refresh | None = None
    deletion_policy: Literal["Retain", "Delete"] | None = Field(
        default=None, description="Retain (when left out) keeps the loaded rows, Delete removes them."
    )


RUNNING, LOADED, UNTOLD = "Running", "Loaded", "Untold"
"""Outcomes of attempts besides the reasons of failures; Untold: read well, but geo did not answer."""
RESYNC_LENGTH = 253
"""How much of the value of ``mesto.dev/resync`` tells one value from another."""


class Attempt(Part):
    """The last time that the source was read. It is written before the reading begins, which may not end."""

    generation: common.Generation = Field(description="The generation of the resource that it was for.")
    edition: Annotated[str, Field(max_length=200)] = Field(
        default="", description="What the source was then: its hash, or what its server calls it."
    )
    started_at: common.Moment = Field(description="When it began.")
    finished_at: common.Moment | None = Field(default=None, description="When it ended.")
    outcome: Annotated[str, Field(max_length=63)] = Field(
        default=RUNNING, description="Running, Loaded, Untold (geo did not answer), or the reason of a failure."
    )
    message: Annotated[str, Field(max_length=1024)] | None = Field(
        default=None, description="What was wrong, for people."
    )
    count: int = Field(default=1, description="How many attempts in a row have not loaded this generation.")
    resync: Annotated[str, Field(max_length=RESYNC_LENGTH)] | None = Field(
        default=None, description="The value of the annotation mesto.dev/resync then."
    )


class GeoDatasetStatus(Part):
    """What geo has loaded."""

    observed_generation: ObservedGeneration = None
    conditions: ConditionList | None = None
    features: int | None = Field(default=None, description="How many areas or stops are loaded.")
    repaired: int | None = Field(default=None, description="Areas whose outline had to be put right.")
    skipped: int | None = Field(
        default=None,
        description="Rows of a GTFS feed that are no stop of their own: entrances, platforms of a station.",
    )
    checksum: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="SHA-256 of the data that is loaded, 64 hexadecimal digits."
    )
    loaded_at: common.Moment | None = Field(default=None, description="When it was loaded.")
    next_refresh_time: common.Moment | None = Field(default=None, description="When the source is read again.")
    last_attempt: Attempt | None = None


KIND = Kind(
    kind="GeoDataset",
    plural="geodatasets",
    short="gds",
    description="Districts or public transport stops of a city.",
    spec=GeoDatasetSpec,
    status=GeoDatasetStatus,
    columns=(
        *READY_COLUMNS,
        Column("City", ".spec.city"),
        Column("Type", ".spec.type"),
        Column("Features", ".status.features", "integer"),
        Column("Skipped", ".status.skipped", "integer", priority=1),
        Column("Loaded", ".status.loadedAt", "date"),
        Column("Message", condition_path("Ready", "message"), priority=1),
        AGE,
    ),
    selectable=(".spec.city", ".spec.type"),
)
