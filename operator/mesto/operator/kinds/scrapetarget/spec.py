"""The kind ScrapeTarget: a rival's site, when and how it is read, and what is expected of it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from mesto.operator import fields as common
from mesto.operator.conditions import ConditionList, condition_path
from mesto.operator.schema import AGE, Column, Kind, ListSet, Part, Rule, whole
from pydantic import Field

RUNNING, SUCCEEDED = "Running", "Succeeded"
"""Outcomes of runs besides the classes of failure."""
RUN_LENGTH = 253
"""How much of the value of ``mesto.dev/run`` tells one value from another."""
Expression = Annotated[str, Field(max_length=500), Rule("self.trim() != ''", "write a selector")]
Percent = Annotated[int, whole(0, 100, "a share in percent")]


class Politeness(Part):
    """How the site is treated."""

    obey_robots: bool | None = Field(default=None, description="True when left out.")
    delay_seconds: (
        Annotated[float, Rule("self >= 0.0 && self <= 300.0", "delaySeconds: write seconds from 0 to 300")] | None
    ) = Field(default=None, description="Between two requests to one host; 1 when left out.")
    concurrency: Annotated[int, whole(1, 16, "concurrency")] | None = Field(
        default=None, description="Requests to one host at once; 1 when left out."
    )
    max_pages: Annotated[int, whole(1, 100_000, "maxPages")] | None = Field(
        default=None, description="Where a run ends; 500 when left out."
    )


class Defaults(Part):
    """What the site does not say."""

    city: common.Slug | None = None
    currency: common.Currency | None = None
    language: Literal["ru", "en"] | None = None


class Selector(Part):
    """How a value is found: by CSS or XPath in a page, by a JMESPath in JSON, or a constant."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "[has(self.css), has(self.xpath), has(self.path), has(self.value)].exists_one(one, one)",
            "write exactly one of css, xpath, path (JSON) and value (a constant)",
        ),
    )
    css: Expression | None = None
    xpath: Expression | None = None
    path: Expression | None = Field(default=None, description="A JMESPath, for mode JsonApi.")
    value: Annotated[str, Field(max_length=500)] | None = None
    many: bool | None = Field(default=None, description="Whether all that is found is taken, not the first.")


class Fields(Part):
    """Where the parts of an offer are, within an item."""

    name: Selector | None = None
    url: Selector | None = None
    address: Selector | None = None
    city: Selector | None = None
    price: Selector | None = None
    currency: Selector | None = None
    per: Selector | None = None
    amenities: Selector | None = None
    terms: Selector | None = None
    latitude: Selector | None = None
    longitude: Selector | None = None


_NEEDS = "self.mode == 'StructuredData' || (has(self.items) && has(self.fields) && has(self.fields.name))"


class Extract(Part):
    """How offers are found in what the site answers."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(_NEEDS, "write items and fields.name: only mode StructuredData finds offers without them"),
        Rule(
            "self.mode != 'JsonApi' || !has(self.items) || has(self.items.path)",
            "mode JsonApi reads JSON: write items.path, a JMESPath",
        ),
        Rule(
            "self.mode != 'Selectors' || !has(self.items) || has(self.items.css) || has(self.items.xpath)",
            "mode Selectors reads pages: write items.css or items.xpath",
        ),
    )
    mode: Literal["StructuredData", "Selectors", "JsonApi"]
    items: Selector | None = None
    next: Selector | None = Field(default=None, description="The address of the next page.")
    fields: Fields | None = None


class Coverage(Part):
    """How many of the offers must have a field, in percent."""

    url: Percent | None = None
    address: Percent | None = None
    price: Percent | None = None
    amenities: Percent | None = None
    terms: Percent | None = None


class Expect(Part):
    """What a healthy run finds; less is a failure, and its offers are not taken."""

    min_items: Annotated[int, whole(0, 100_000, "minItems")] | None = Field(
        default=None, description="1 when left out."
    )
    coverage: Coverage | None = None


class ScrapeTargetSpec(Part):
    """A site and how it is read."""

    start_urls: Annotated[list[common.WebAddress], Field(min_length=1, max_length=20), ListSet()]
    schedule: common.Cron
    time_zone: common.TimeZone | None = Field(default=None, description="UTC when left out.")
    suspend: bool | None = Field(
        default=None, description="No run begins by the schedule while it is true; mesto.dev/run begins one even then."
    )
    starting_deadline_seconds: Annotated[int, whole(10, 604_800, "startingDeadlineSeconds")] | None = Field(
        default=None, description="How late a run may still begin; 3600 when left out."
    )
    successful_runs_history_limit: Annotated[int, whole(0, 20, "successfulRunsHistoryLimit")] | None = Field(
        default=None, description="How many runs that went well the status names; 3 when left out."
    )
    failed_runs_history_limit: Annotated[int, whole(0, 20, "failedRunsHistoryLimit")] | None = Field(
        default=None, description="How many runs that failed the status names; 1 when left out."
    )
    politeness: Politeness | None = None
    defaults: Defaults | None = None
    extract: Extract
    expect: Expect | None = None
    deletion_policy: Literal["Retain", "Delete"] | None = Field(
        default=None, description="Delete (when left out) removes the offers found here, Retain keeps the last ones."
    )


class Found(Part):
    """How many of a run's offers had a field, in percent."""

    url: int | None = None
    address: int | None = None
    price: int | None = None
    amenities: int | None = None
    terms: int | None = None


class Run(Part):
    """One run of the spider."""

    id: Annotated[str, Field(max_length=64)]
    started_at: Annotated[str, Field(max_length=32)] | None = None
    finished_at: Annotated[str, Field(max_length=32)] | None = None
    outcome: Annotated[str, Field(max_length=63)] = Field(
        default="", description="Running, Succeeded, or a class of failure."
    )
    message: Annotated[str, Field(max_length=1000)] = ""
    items: int | None = None
    coverage: Found | None = None


class ScrapeTargetStatus(Part):
    """What became of the schedule and of the runs."""

    observed_generation: int | None = None
    conditions: ConditionList | None = None
    next_run_time: Annotated[str, Field(max_length=32)] | None = None
    last_schedule_time: Annotated[str, Field(max_length=32)] | None = Field(
        default=None, description="The last time of the schedule that is done with: begun, or missed."
    )
    ran_for: Annotated[str, Field(max_length=RUN_LENGTH)] | None = Field(
        default=None, description="The value of the annotation mesto.dev/run that a run was begun for."
    )
    last_run: Run | None = None
    history: Annotated[list[Run], Field(max_length=40)] | None = Field(default=None, description="Newest first.")


KIND = Kind(
    kind="ScrapeTarget",
    plural="scrapetargets",
    short="sct",
    description="A rival's site that is read by schedule for its offers.",
    spec=ScrapeTargetSpec,
    status=ScrapeTargetStatus,
    columns=(
        Column("Ready", condition_path("Ready", "status")),
        Column("Healthy", condition_path("Healthy", "status")),
        Column("Why", condition_path("Healthy", "reason")),
        Column("Schedule", ".spec.schedule"),
        Column("Suspended", ".spec.suspend", "boolean", priority=1),
        Column("Items", ".status.lastRun.items", "integer"),
        Column("Last", ".status.lastRun.startedAt", "date"),
        Column("Next", ".status.nextRunTime"),
        AGE,
    ),
)
