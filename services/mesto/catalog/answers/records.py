"""What services have said of a space, as it is stored, and what the store of answers returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from mesto.catalog.spaces.records import LocatedDocument

AppliedDocuments = Mapping[str, Mapping[str, object]]
"""Answers of services by their names."""


@dataclass(frozen=True)
class Conclusion:
    """Answers of services, and what follows from them for the reason of Bookable and for the public."""

    applied: AppliedDocuments
    bookable_reason: str
    listing: str


@dataclass(frozen=True)
class Placement:
    """Where geo has placed a space, by a revision of geo's; nothing at revision 0."""

    located: LocatedDocument | None
    located_revision: int
    district: str | None


@dataclass(frozen=True)
class ServiceWords:
    """What is stored of what services say of a space."""

    id: UUID
    applied: AppliedDocuments
    located: LocatedDocument | None
    located_revision: int
    district: str | None
