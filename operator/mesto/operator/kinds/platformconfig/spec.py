"""The kind PlatformConfig: the platform's policy, one section per service. What is left out is built in."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from mesto.contracts.platform_texts import MOST_CHARACTERS
from mesto.operator import fields as common
from mesto.operator.conditions import READY_COLUMNS, ConditionList, ObservedGeneration, condition_path
from mesto.operator.fields import Location, Title
from mesto.operator.kinds.platformconfig.booking_section import Booking
from mesto.operator.schema import AGE, Column, Kind, ListMap, ListSet, Part, Rule, whole
from pydantic import Field

NAME = "default"
"""The only one that counts, in the operator's namespace."""


EmailDomain = Annotated[
    str,
    Field(max_length=253),
    Rule(
        "self.matches('^[^@/\\\\s\\\\p{Cc}]+[.][^@/\\\\s\\\\p{Cc}.]+$')",
        "refusedEmailDomains: write domains, for example rivals.example",
    ),
]


class SignIn(Part):
    """How often a password may be tried; a right one does not count."""

    per_account: Annotated[int, whole(1, 1_000_000, "perAccount")] | None = Field(
        default=None,
        description="How often for one account, from devices on which it was not signed in before; 10 when left out.",
        examples=[10],
    )
    per_network: Annotated[int, whole(1, 1_000_000, "perNetwork")] | None = Field(
        default=None,
        description="How often from one network (an IPv4 /24 or IPv6 /64), for all accounts; 100 when left out.",
        examples=[100],
    )
    minutes: Annotated[int, whole(1, 1440, "minutes")] | None = Field(
        default=None, description="Within how many minutes, 1 to 1440; 15 when left out.", examples=[15]
    )


class Auth(Part):
    """Sessions and accounts."""

    access_token_minutes: Annotated[int, whole(1, 60, "accessTokenMinutes")] | None = Field(
        default=None, description="Minutes that an access token is good for, 1 to 60; 10 when left out.", examples=[10]
    )
    refresh_token_days: Annotated[int, whole(1, 365, "refreshTokenDays")] | None = Field(
        default=None,
        description="Days that a session lives without being used, 1 to 365; 30 when left out.",
        examples=[30],
    )
    short_session_hours: Annotated[int, whole(1, 168, "shortSessionHours")] | None = Field(
        default=None,
        description="Hours that a session lives without being used where its holder did not ask to be remembered, 1 to "
        "168; 12 when left out.",
        examples=[12],
    )
    require_verified_email: bool | None = Field(
        default=None, description="Whether an account must have verified its address before it can log in."
    )
    verification_hours: Annotated[int, whole(1, 168, "verificationHours")] | None = Field(
        default=None,
        description="How many hours a link that verifies an address works; 24 when left out.",
        examples=[24],
    )
    registrations_per_hour: Annotated[int, whole(1, 1_000_000, "registrationsPerHour")] | None = Field(
        default=None,
        description="How many accounts may be asked for from one network (an IPv4 /24 or IPv6 /64) in an hour; 30 when "
        "left out.",
        examples=[30],
    )
    verification_mails_per_hour: Annotated[int, whole(1, 1_000_000, "verificationMailsPerHour")] | None = Field(
        default=None,
        description="How many links of one kind may be asked for from one network in an hour; 30 when left out. Five "
        "for one address, wherever they are asked for.",
        examples=[30],
    )
    sign_in: SignIn | None = Field(
        default=None,
        description="Limits of guessing passwords. A device on which an account was signed in before has one of its "
        "own, five times perAccount, so that nobody locks out somebody else.",
    )
    security_log_days: Annotated[int, whole(1, 3650, "securityLogDays")] | None = Field(
        default=None,
        description="Days that entries of the security log are kept, 1 to 3650; 365 when left out. Those that are "
        "there already stay as long as was said when they were written, or longer.",
        examples=[365],
    )
    recovery_minutes: Annotated[int, whole(5, 1440, "recoveryMinutes")] | None = Field(
        default=None,
        description="How many minutes a link works that sets a new password, 5 to 1440; 60 when left out.",
        examples=[60],
    )
    email_undo_hours: Annotated[int, whole(1, 720, "emailUndoHours")] | None = Field(
        default=None,
        description="How many hours the former address of an account can take a change of it back, 1 to 720; 168 "
        "(a week) when left out. So long nobody else gets that address.",
        examples=[168],
    )
    disposable_email: Literal["Allow", "Refuse"] | None = Field(
        default=None,
        description="Whether addresses of services for throw-away mail may be registered or changed to, by a public "
        "list of them; Allow when left out.",
    )
    refused_email_domains: Annotated[list[EmailDomain], Field(max_length=200), ListSet()] | None = Field(
        default=None,
        description="Domains whose addresses are not taken, those below them included, for example [rivals.example].",
    )


class Reviews(Part):
    """How reviews are published."""

    moderation: Literal["PreModerate", "PostModerate"] | None = Field(
        default=None,
        description="Whether a review is looked at before or after it is shown; PreModerate when left out.",
    )
    edit_hours: Annotated[int, whole(0, 720, "editHours")] | None = Field(
        default=None,
        description="Hours that an author may still change a review, 0 to 720; 48 when left out.",
        examples=[48],
    )


class Moderation(Part):
    """Whether what owners write is looked at before it is shown."""

    moderation: Literal["None", "PreModerate"] | None = Field(
        default=None, description="None, when left out, shows it at once; PreModerate after a moderator has seen it."
    )


class Catalog(Part):
    """Spaces, their photos and reviews."""

    reviews: Reviews | None = None
    spaces: Moderation | None = Field(default=None, description="Spaces that owners add in the cabinet.")
    photos: Moderation | None = Field(default=None, description="Photos that owners upload.")
    invite_owners: bool | None = Field(
        default=None,
        description="Whether somebody who is named as an owner and has no account gets one mail about it; true when "
        "left out.",
    )


class Map(Part):
    """The map in the browser."""

    provider: Literal["MapLibre", "Mapbox"] | None = Field(
        default=None, description="What draws the map; MapLibre, when left out, needs no token."
    )


Alias = Annotated[str, Field(min_length=1, max_length=60), Rule("self.trim() != ''", "write a name of the city")]


class City(Part):
    """A city that spaces may be in."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "(has(self.name.ru) && self.name.ru.trim() != '') || (has(self.name.en) && self.name.en.trim() != '')",
            "the city has no name: write name: {ru: …} or name: {en: …}, or both",
        ),
    )
    slug: common.CitySlug = Field(description="What spaces and addresses call it.")
    name: Title = Field(description="Its name, ru or en at least.")
    time_zone: common.TimeZone
    currency: common.Currency
    center: Location = Field(description="Where its map opens.")
    zoom: Annotated[float, Rule("self >= 0.0 && self <= 22.0", "zoom: write a number from 0 to 22")] | None = Field(
        default=None, description="How close its map opens, 0 (the world) to 22; 10 when left out.", examples=[10]
    )
    aliases: Annotated[list[Alias], Field(max_length=10), ListSet()] | None = Field(
        default=None,
        description="What other sites call the city, besides its names and usual short forms, for example Zelenograd.",
    )
    # Without a rule on each: 200 cities times as many namespaces would outgrow what the API server lets rules cost.
    namespaces: (
        Annotated[
            list[Annotated[str, Field(min_length=1, max_length=63)]], Field(min_length=1, max_length=100), ListSet()
        ]
        | None
    ) = Field(
        default=None,
        description="The namespaces whose CoworkingSpaces, GeoDatasets and ScrapeTargets may name the city; "
        "left out: all, for example [moscow].",
    )


class Geo(Part):
    """Cities and the map."""

    map: Map | None = None
    transit_radius_metres: Annotated[int, whole(1, 20_000, "transitRadiusMetres")] | None = Field(
        default=None,
        description="How far a stop may be to count as near, straight metres, 1 to 20000; 1500 when left out.",
        examples=[1500],
    )
    default_currency: common.Currency | None = Field(
        default=None, description="In what prices are compared where no city is chosen; RUB when left out."
    )
    cities: Annotated[list[City], Field(max_length=200), ListMap(("slug",))] | None = Field(
        default=None, description="The cities that spaces may be in, a map by slug."
    )


class PerRecipient(Part):
    """How many mails one address gets at most; those beyond are recorded as suppressed and not sent."""

    mails: Annotated[int, whole(1, 100_000, "mails")] | None = Field(
        default=None, description="So many mails of all kinds, for example 30, which is built in."
    )
    hours: Annotated[int, whole(1, 720, "hours")] | None = Field(
        default=None, description="Within so many hours, for example 24, which is built in."
    )


class Mail(Part):
    """Who sends e-mail."""

    provider: Literal["Smtp", "SendGrid", "Mailgun"] | None = Field(
        default=None, description="Who takes the mails; Smtp when left out."
    )
    sender: common.Email | None = Field(default=None, alias="from", description="The address that mails come from.")
    per_recipient: PerRecipient | None = None


_MINUTES = Rule(
    "self.all(one, one >= 1 && one <= 43200)", "reminderMinutes: write whole minutes from 1 to 43200 (30 days)"
)


class Notifications(Part):
    """E-mail and reminders."""

    email: Mail | None = None
    reminder_minutes: Annotated[list[int], Field(max_length=5), ListSet(), _MINUTES] | None = Field(
        default=None,
        description="Minutes before a session at which its renter is reminded, 1 to 43200; 1440, 60 when left out.",
        examples=[[1440, 60]],
    )


class Scraping(Part):
    """Limits of all crawls together."""

    max_concurrent_runs: Annotated[int, whole(1, 32, "maxConcurrentRuns")] | None = Field(
        default=None, description="Sites that are read at once, 1 to 32; 4 when left out.", examples=[4]
    )
    user_agent: (
        Annotated[
            str,
            Field(max_length=256),
            Rule("self.matches('^[ -~]+$') && self.trim() != ''", "write how crawlers name themselves, in ASCII"),
        ]
        | None
    ) = Field(
        default=None,
        description="How the crawlers name themselves to sites, ASCII, with an address to complain to.",
        examples=["MestoBot (+https://mesto.example.org/bot)"],
    )


class TextSource(Part):
    """Keys of a ConfigMap in the operator's namespace, one for each language that there is."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("has(self.ruKey) || has(self.enKey)", "write ruKey, enKey or both: which key holds which language"),
    )
    name: common.ConfigMapName = Field(
        description="A ConfigMap beside this resource. A change of it is seen within half a minute.",
        examples=["mesto-texts"],
    )
    ru_key: common.ConfigMapKey | None = Field(
        default=None, description="Its key with the text in Russian.", examples=["terms.ru.md"]
    )
    en_key: common.ConfigMapKey | None = Field(
        default=None, description="Its key with the text in English.", examples=["terms.en.md"]
    )


Markdown = Annotated[
    str, Field(max_length=MOST_CHARACTERS), Rule("self.trim() != ''", "write the text, or leave the language out")
]
_AGREED = "['Terms', 'Privacy', 'OwnerTerms']"


class Text(Part):
    """A text that the site shows, in Markdown (CommonMark with tables); raw HTML in it is shown as it is written."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.configMap) != (has(self.ru) || has(self.en))",
            "write the text either here, by ru, en or both, or name a configMap that holds it",
        ),
        Rule(
            f"!has(self.requiredToRegister) || !self.requiredToRegister || self.name in {_AGREED}",
            "requiredToRegister: only Terms, Privacy and OwnerTerms are agreed to; leave it out here",
        ),
    )
    name: Literal["Help", "Terms", "Privacy", "OwnerTerms", "About"] = Field(
        description="Which one: help, terms of use, personal data, terms for owners, who runs the platform."
    )
    ru: Markdown | None = Field(
        default=None,
        description="The text in Russian, 50000 characters at most; its first heading is its title.",
        examples=["# Условия использования"],
    )
    en: Markdown | None = Field(
        default=None,
        description="The text in English; what is written in one language only is shown in both.",
        examples=["# Terms of use"],
    )
    config_map: TextSource | None = Field(default=None, description="Where the text is, when it is not written here.")
    required_to_register: bool | None = Field(
        default=None,
        description="True: nobody registers without agreeing to its current version (OwnerTerms: no owner). The site's "
        "own page asks for it anyway.",
    )


class PlatformConfigSpec(Part):
    """Policy by service; secrets are never here."""

    auth: Auth | None = None
    catalog: Catalog | None = None
    booking: Booking | None = None
    geo: Geo | None = None
    notifications: Notifications | None = None
    scraping: Scraping | None = None
    texts: Annotated[list[Text], Field(max_length=5), ListMap(("name",))] | None = Field(
        default=None,
        description="What the site says of itself. A text that is not here has no page and no link; auth keeps every "
        "version that was shown, so that what people agreed to can be read.",
    )


class ServiceStatus(Part):
    """What a service has made of its section."""

    name: Annotated[str, Field(max_length=63)] = Field(description="The service.", examples=["booking"])
    applied_generation: common.Generation | None = Field(
        default=None, description="The generation that the service runs with."
    )
    message: Annotated[str, Field(max_length=2048)] = Field(
        default="", description="Why it does not run with this generation; empty when it does."
    )


class TextStatus(Part):
    """What became of a text."""

    name: Annotated[str, Field(max_length=63)] = Field(description="The text.", examples=["Terms"])
    version: Annotated[str, Field(max_length=63)] | None = Field(
        default=None, description="The version that the site shows, a hash of its content; none when it shows none."
    )
    message: Annotated[str, Field(max_length=2048)] = Field(
        default="", description="Why that is not what is declared; empty when it is."
    )


class PlatformConfigStatus(Part):
    """What the services have made of the policy."""

    observed_generation: ObservedGeneration = None
    conditions: ConditionList | None = None
    services: Annotated[list[ServiceStatus], Field(max_length=20), ListMap(("name",))] | None = Field(
        default=None, description="What each service runs with."
    )
    texts: Annotated[list[TextStatus], Field(max_length=10), ListMap(("name",))] | None = Field(
        default=None, description="Which version of each text the site shows."
    )


KIND = Kind(
    kind="PlatformConfig",
    plural="platformconfigs",
    short="mpc",
    description="The platform's policy: cities, bookings, reviews, mail, crawling. "
    "Only the one named default in the operator's namespace counts. Each service checks its section and runs with it "
    "within two seconds; what is left out is built in.",
    spec=PlatformConfigSpec,
    status=PlatformConfigStatus,
    columns=(
        *READY_COLUMNS,
        Column("Message", condition_path("Ready", "message"), priority=1),
        AGE,
    ),
)
