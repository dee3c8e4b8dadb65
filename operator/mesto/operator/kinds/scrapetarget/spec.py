"""The kind ScrapeTarget: a rival's site, when and how it is read, and what is expected of it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from mesto.operator import fields as common
from mesto.operator.conditions import ConditionList, ObservedGeneration, condition_path
from mesto.operator.schema import AGE, Column, Kind, ListSet, Part, Rule, whole
from pydantic import Field

RUNNING, SUCCEEDED = "Running", "Succeeded"
"""Outcomes of runs besides the classes of failure."""
RUN_LENGTH = 253
"""How much of the value of ``mesto.dev/run`` tells one value from another."""
Expression = Annotated[str, Field(max_length=500), Rule("self.trim() != ''", "write a selector")]
Percent = Annotated[int, Field(examples=[80]), whole(0, 100, "a share in percent")]


class Politeness(Part):
    """How the site is treated."""

    obey_robots: bool | None = Field(default=None, description="True when left out.")
    delay_seconds: (
        Annotated[float, Rule("self >= 0.0 && self <= 300.0", "delaySeconds: write seconds from 0 to 300")] | None
    ) = Field(
        default=None, description="Seconds between two requests to one host, 0 to 300; 1 when left out.", examples=[1]
    )
    concurrency: Annotated[int, whole(1, 16, "concurrency")] | None = Field(
        default=None, description="Requests to one host at once, 1 to 16; 1 when left out.", examples=[1]
    )
    max_pages: Annotated[int, whole(1, 100_000, "maxPages")] | None = Field(
        default=None, description="Pages after which a run ends, 1 to 100000; 500 when left out.", examples=[500]
    )


class Defaults(Part):
    """What the site does not say."""

    city: common.CitySlug | None = Field(
        default=None, description="Slug of the city of offers that name none.", examples=["moscow"]
    )
    currency: common.Currency | None = Field(
        default=None, description="The currency (ISO 4217) of prices that name none.", examples=["RUB"]
    )
    language: Literal["ru", "en"] | None = Field(
        default=None, description="The language of the site where its pages do not name one; numbers are read by it."
    )


class Selector(Part):
    """How a value is found: by CSS or XPath in a page, by a JMESPath in JSON, or a constant."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "[has(self.css), has(self.xpath), has(self.path), has(self.value)].exists_one(one, one)",
            "write exactly one of css, xpath, path (JSON) and value (a constant)",
        ),
    )
    css: Expression | None = Field(
        default=None,
        description="A CSS selector, with ::text or ::attr(name) for a text or an attribute.",
        examples=["h2::text"],
    )
    xpath: Expression | None = Field(default=None, description="An XPath expression.", examples=[".//h2/text()"])
    path: Expression | None = Field(default=None, description="A JMESPath, for mode JsonApi.", examples=["data[]"])
    value: Annotated[str, Field(max_length=500)] | None = Field(
        default=None, description="A constant, the same for every offer.", examples=["Day"]
    )
    many: bool | None = Field(default=None, description="Whether all that is found is taken, not the first.")


class Fields(Part):
    """Where the parts of an offer are, within an item."""

    name: Selector | None = Field(default=None, description="Where the name of the offer is.")
    url: Selector | None = Field(default=None, description="Where the address of the offer's own page is.")
    address: Selector | None = Field(default=None, description="Where the street address is.")
    city: Selector | None = Field(default=None, description="Where the city is; the default city without it.")
    price: Selector | None = Field(
        default=None, description="Where the price is, with its currency and unit or without."
    )
    currency: Selector | None = Field(
        default=None, description="Where the currency is, when the price does not say it."
    )
    per: Selector | None = Field(
        default=None, description="Where the unit (hour, day, month) is, when the price does not say it."
    )
    amenities: Selector | None = Field(default=None, description="Where the amenities are; usually many.")
    terms: Selector | None = Field(
        default=None, description="Where the terms of booking are: notice, cancellation, deposit."
    )
    latitude: Selector | None = Field(default=None, description="Where the degrees north are.")
    longitude: Selector | None = Field(default=None, description="Where the degrees east are.")


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
    mode: Literal["StructuredData", "Selectors", "JsonApi"] = Field(
        description="What the site answers with: pages with schema.org data, pages read by selectors, or JSON."
    )
    items: Selector | None = Field(default=None, description="What is one offer; all fields are looked for inside it.")
    next: Selector | None = Field(default=None, description="The address of the next page.")
    fields: Fields | None = None


class Coverage(Part):
    """How many of the offers must have a field, in percent."""

    url: Percent | None = Field(default=None, description="Share of offers with an address of their own page.")
    address: Percent | None = Field(default=None, description="Share of offers with a street address.")
    price: Percent | None = Field(default=None, description="Share of offers with a price that can be compared.")
    amenities: Percent | None = Field(default=None, description="Share of offers with amenities.")
    terms: Percent | None = Field(default=None, description="Share of offers with terms.")


class Expect(Part):
    """What a healthy run finds; less is a failure, and its offers are not taken."""

    min_items: Annotated[int, whole(0, 100_000, "minItems")] | None = Field(
        default=None, description="The fewest offers, 0 to 100000; 1 when left out.", examples=[10]
    )
    coverage: Coverage | None = None


class ScrapeTargetSpec(Part):
    """A site and how it is read."""

    start_urls: Annotated[list[common.SiteAddress], Field(min_length=1, max_length=20), ListSet()] = Field(
        description="Where a run begins; only hosts named here are read."
    )
    schedule: common.Cron
    time_zone: common.TimeZone | None = Field(
        default=None, description="The schedule's time zone by its IANA name; UTC when left out."
    )
    suspend: bool | None = Field(
        default=None, description="No run begins by the schedule while it is true; mesto.dev/run begins one even then."
    )
    starting_deadline_seconds: Annotated[int, whole(10, 604_800, "startingDeadlineSeconds")] | None = Field(
        default=None,
        description="Seconds that a run may still begin late, 10 to 604800; 3600 when left out.",
        examples=[3600],
    )
    successful_runs_history_limit: Annotated[int, whole(0, 20, "successfulRunsHistoryLimit")] | None = Field(
        default=None,
        description="How many runs that went well the status names, 0 to 20; 3 when left out.",
        examples=[3],
    )
    failed_runs_history_limit: Annotated[int, whole(0, 20, "failedRunsHistoryLimit")] | None = Field(
        default=None, description="How many runs that failed the status names, 0 to 20; 1 when left out.", examples=[1]
    )
    politeness: Politeness | None = None
    defaults: Defaults | None = None
    extract: Extract
    expect: Expect | None = None
    deletion_policy: Literal["Retain", "Delete"] | None = Field(
        default=None, description="Delete (when left out) removes the offers found here, Retain keeps the last ones."
    )


class FieldCoverage(Part):
    """How many of a run's offers had a field, in percent."""

    url: int | None = Field(default=None, description="Percent of offers with a page of their own.")
    address: int | None = Field(default=None, description="Percent of offers with a street address.")
    price: int | None = Field(default=None, description="Percent of offers with a price that can be compared.")
    amenities: int | None = Field(default=None, description="Percent of offers with amenities.")
    terms: int | None = Field(default=None, description="Percent of offers with terms.")


class Run(Part):
    """One run of the spider."""

    id: Annotated[str, Field(max_length=64)] = Field(description="The id of the job on scrapyd.")
    started_at: common.Moment | None = Field(default=None, description="When it began.")
    finished_at: common.Moment | None = Field(default=None, description="When it ended.")
    outcome: Annotated[str, Field(max_length=63)] = Field(
        default="", description="Running, Succeeded, or a class of failure."
    )
    message: Annotated[str, Field(max_length=1000)] = Field(default="", description="What went wrong, for people.")
    items: int | None = Field(default=None, description="How many offers it found.")
    coverage: FieldCoverage | None = None


class ScrapeTargetStatus(Part):
    """What became of the schedule and of the runs."""

    observed_generation: ObservedGeneration = None
    conditions: ConditionList | None = None
    next_run_time: common.Moment | None = Field(default=None, description="When the schedule begins the next run.")
    last_schedule_time: common.Moment | None = Field(
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
