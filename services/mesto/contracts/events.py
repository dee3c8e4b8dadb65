"""Events that services publish, versioned by their class. The envelope is the same for all.

State events carry the whole state and a ``revision`` of their aggregate: a consumer ignores a revision lower than or
equal to the one it has. Transition events (``booking.*``) are told apart by the envelope's ``id``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from mesto.contracts.money import Currency, Money, Per
from mesto.contracts.opening_hours import Hours, HoursException
from mesto.contracts.places import Location
from mesto.contracts.spaces import Bookable, CancellationTier, Doubt, Named, ResourceSpec, Stop
from mesto.contracts.text import Text
from pydantic import BaseModel, ConfigDict, Field

EXCHANGE = "mesto.events"


class Event(BaseModel):
    """Base of event payloads. Unknown fields are ignored: a newer producer must not stop an older consumer."""

    model_config = ConfigDict(extra="ignore")
    type: ClassVar[str]
    listeners: ClassVar[tuple[str, ...]] = ()
    """Services that handle it. Publishers declare their queues too, so that nothing is lost before they first start."""
    secret: ClassVar[bool] = False
    """Whether it says what nobody but its publisher and its listeners may know."""


class SpaceResource(ResourceSpec):
    """A resource as published: with the id that bookings refer to."""

    model_config = ConfigDict(extra="ignore")
    id: UUID


class SpacePolicy(BaseModel):
    """Booking policy with every default resolved by catalog."""

    approval: Literal["instant", "owner"]
    hold_minutes: int
    cancellation: list[CancellationTier]


class SpaceChanged(Event):
    """The whole state of a space, from catalog. ``currency`` and texts are as declared.

    ``owner_id`` is the account that it belongs to, None while it is nobody's. ``owner_decided`` False: catalog has not
    decided about it yet (a release before this one, or an upgrade that is under way), so the address of ``owner_email``
    counts. Once that release is out of use ``owner_email`` goes: an address gives no right by itself.
    """

    type: ClassVar[str] = "space.changed"
    listeners: ClassVar[tuple[str, ...]] = ("booking", "geo")
    space_id: UUID
    revision: int
    slug: str
    title: Text
    city: str
    address: str
    location: Location
    time_zone: str
    opening_hours: list[Hours]
    exceptions: list[HoursException]
    resources: list[SpaceResource]
    policy: SpacePolicy
    owner_email: str | None
    owner_id: UUID | None = None
    owner_decided: bool = False
    published: bool


class SpaceClaimed(Event):
    """A declared space has come to belong to an account, from catalog, which so far it did not."""

    type: ClassVar[str] = "space.claimed"
    listeners: ClassVar[tuple[str, ...]] = ("auth",)
    space_id: UUID
    owner_id: UUID


class OwnerInvited(Event):
    """Somebody without an account is named as an owner, from catalog; told once for each address.

    ``title`` is that of one of the spaces which name the address.
    """

    type: ClassVar[str] = "owner.invited"
    listeners: ClassVar[tuple[str, ...]] = ("notifications",)
    email: str
    space_id: UUID
    title: Text


class SpaceRemoved(Event):
    """A space is gone (deleted, not merely unpublished), from catalog."""

    type: ClassVar[str] = "space.removed"
    listeners: ClassVar[tuple[str, ...]] = ("booking", "geo")
    space_id: UUID
    revision: int


class SpaceApplied(Event):
    """What booking or geo made of a revision. ``reason`` is CamelCase and stable, ``message`` is for people.

    ``bookable`` is booking's: whether a renter can book it. As time goes by it changes for the same revision; of two
    answers about one, the higher ``sequence`` counts.
    """

    type: ClassVar[str] = "space.applied"
    listeners: ClassVar[tuple[str, ...]] = ("catalog",)
    space_id: UUID
    revision: int
    service: Literal["booking", "geo"]
    outcome: Literal["applied", "refused"]
    reason: str
    message: str = ""
    bookable: Bookable | None = None
    sequence: int = 0


class SpaceLocated(Event):
    """Where geo has placed a space, and what may be wrong with that.

    ``revision`` is geo's own, ``space_revision`` the space's that it used.
    """

    type: ClassVar[str] = "space.located"
    listeners: ClassVar[tuple[str, ...]] = ("catalog",)
    space_id: UUID
    revision: int
    space_revision: int
    city: Named | None
    district: Named | None
    transit: list[Stop]
    doubts: list[Doubt] = Field(default_factory=list)


class CityChanged(Event):
    """A city as geo knows it."""

    type: ClassVar[str] = "city.changed"
    listeners: ClassVar[tuple[str, ...]] = ("catalog",)
    slug: str
    revision: int
    name: Text
    time_zone: str
    currency: Currency
    center: Location
    zoom: float = 10


class VerifiedAddress(BaseModel):
    """An address in its common form, and when it was an account's and verified; no ``until``: it is."""

    model_config = ConfigDict(extra="ignore")
    address: str
    since: datetime
    until: datetime | None = None


class UserChanged(Event):
    """The state of an account, from auth. ``locale`` is ``ru`` or ``en``.

    ``verified_addresses`` are those that it has proved to be its own, earlier ones too, in order; None from an auth of
    the release before.
    """

    type: ClassVar[str] = "user.changed"
    listeners: ClassVar[tuple[str, ...]] = ("booking", "catalog", "notifications")
    user_id: UUID
    revision: int
    email: str
    email_verified: bool
    name: str
    phone: str | None = None
    locale: Literal["ru", "en"]
    roles: list[str]
    verified_addresses: list[VerifiedAddress] | None = None


Token = Annotated[str, Field(max_length=200, repr=False)]
"""What the link in a mail carries. It stands nowhere but in a secret event and in the mail: auth keeps its hash."""


class LinkRequested(Event):
    """Somebody is to get a mail with a link, from auth; dropped after ``expires_at``."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)
    listeners: ClassVar[tuple[str, ...]] = ("notifications",)
    secret: ClassVar[bool] = True
    user_id: UUID
    token: Token
    expires_at: datetime


class UserVerificationRequested(LinkRequested):
    """Somebody is to prove that they read mails to their account's address."""

    type: ClassVar[str] = "user.verification_requested"


class UserRecoveryRequested(LinkRequested):
    """Somebody has forgotten their password, or says so: the link sets a new one."""

    type: ClassVar[str] = "user.recovery_requested"


class UserEmailChangeRequested(LinkRequested):
    """Somebody wants another address for their account: the link, mailed to ``email``, proves that it is theirs."""

    type: ClassVar[str] = "user.email_change_requested"
    email: Annotated[str, Field(max_length=254, repr=False)]


SecurityNotice = Literal["password_changed", "password_recovered", "email_changed", "address_taken", "new_device"]


class UserSecurityNotice(Event):
    """Something about the safety of an account that its holder is told by mail, from auth.

    It is dropped after ``expires_at``. ``email_changed`` goes ``to`` the former address, its ``token`` is of the link
    that takes the change back; ``address_taken`` says that somebody wanted the account's address for another account.
    ``device`` is in our words.
    """

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)
    type: ClassVar[str] = "user.security_notice"
    listeners: ClassVar[tuple[str, ...]] = ("notifications",)
    secret: ClassVar[bool] = True
    user_id: UUID
    notice: SecurityNotice
    to: Annotated[str | None, Field(max_length=254, repr=False)] = None
    token: Annotated[str | None, Field(max_length=200, repr=False)] = None
    at: datetime
    device: Annotated[str, Field(max_length=100)] | None = None
    expires_at: datetime


class UserRemoved(Event):
    """An account is gone, from auth."""

    type: ClassVar[str] = "user.removed"
    listeners: ClassVar[tuple[str, ...]] = ("booking", "catalog", "notifications")
    user_id: UUID
    revision: int


BookingStatus = Literal[
    "held", "awaiting_approval", "confirmed", "checked_in", "completed", "cancelled", "expired", "declined", "no_show"
]


class RefundTier(BaseModel):
    """Cancelled until then, this percent of what was paid comes back."""

    model_config = ConfigDict(extra="ignore")
    until: datetime
    refund_percent: int


class BookingState(BaseModel):
    """A booking as the public API answers it; also what Socket.IO carries.

    ``space_title`` and ``address`` are those that it was made for; ``moved_to`` is the space's address now if that is
    another. ``cancellation`` has the terms that were accepted, the longest notice first; none: nothing comes back.
    ``ended_by``: who cancelled or declined it, or that its hold or the time to answer was over; None while it lives.
    """

    model_config = ConfigDict(extra="ignore")
    id: UUID
    status: BookingStatus
    space_id: UUID
    space_slug: str
    space_title: Text
    resource_id: UUID
    resource_title: Text
    address: str
    moved_to: str | None = None
    time_zone: str
    start: datetime
    end: datetime
    seats: int
    total: Money
    price_per: Per
    expires_at: datetime | None
    refund: Money | None = None
    approval: Literal["instant", "owner"] = "instant"
    cancellation: list[RefundTier] = Field(default_factory=list)
    created_at: datetime
    revision: int
    ended_by: Literal["renter", "owner", "time"] | None = None


_PAID: frozenset[BookingStatus | None] = frozenset(
    {"awaiting_approval", "confirmed", "checked_in", "completed", "no_show", "declined"}
)
"""Statuses that a booking which costs something reaches by a payment only."""


class BookingEvent(Event):
    """A booking went from one status to another. ``booking`` is its state after the transition."""

    listeners: ClassVar[tuple[str, ...]] = ("notifications",)
    user_id: UUID
    booking: BookingState
    previous_status: BookingStatus | None = None
    cause: str = ""

    @property
    def paid(self) -> bool:
        """Whether money was paid for the booking, be it refunded since."""
        return self.booking.total.amount > 0 and not _PAID.isdisjoint({self.booking.status, self.previous_status})


class BookingHeld(BookingEvent):
    type: ClassVar[str] = "booking.held"


class BookingAwaitingApproval(BookingEvent):
    type: ClassVar[str] = "booking.awaiting_approval"


class BookingConfirmed(BookingEvent):
    type: ClassVar[str] = "booking.confirmed"


class BookingChanged(BookingEvent):
    """Something about it changed but its status; ``cause`` says what: ``space_moved``."""

    type: ClassVar[str] = "booking.changed"


class BookingCancelled(BookingEvent):
    type: ClassVar[str] = "booking.cancelled"


class BookingExpired(BookingEvent):
    type: ClassVar[str] = "booking.expired"


class BookingDeclined(BookingEvent):
    type: ClassVar[str] = "booking.declined"


class BookingCompleted(BookingEvent):
    type: ClassVar[str] = "booking.completed"


EVENT_CLASSES: dict[str, type[Event]] = {
    event.type: event
    for event in (
        SpaceChanged,
        SpaceClaimed,
        OwnerInvited,
        SpaceRemoved,
        SpaceApplied,
        SpaceLocated,
        CityChanged,
        UserChanged,
        UserVerificationRequested,
        UserRecoveryRequested,
        UserEmailChangeRequested,
        UserSecurityNotice,
        UserRemoved,
        BookingHeld,
        BookingAwaitingApproval,
        BookingConfirmed,
        BookingChanged,
        BookingCancelled,
        BookingExpired,
        BookingDeclined,
        BookingCompleted,
    )
}


class Envelope(BaseModel):
    """What travels: the event's id, type, time and the id of the request that caused it."""

    model_config = ConfigDict(extra="ignore")
    id: UUID
    type: Annotated[str, Field(max_length=64)]
    time: datetime
    request_id: str = ""
    payload: dict[str, object]

    def event(self) -> Event:
        """Parse the payload. Raises KeyError for an unknown type, ValidationError for a bad payload."""
        return EVENT_CLASSES[self.type].model_validate(self.payload, extra="ignore")
