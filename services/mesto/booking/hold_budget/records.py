"""What the store of the budget takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class CountedRenter:
    """Whose bookings are counted: those that ran out or were given up after ``counts_since`` too.

    None of those was made before ``made_after``, which spares a look at all that the renter has ever booked.
    """

    id: UUID
    counts_since: datetime
    made_after: datetime

    @property
    def values(self) -> dict[str, object]:
        """Parameters of statements."""
        return {"renter": self.id, "counts_since": self.counts_since, "made_after": self.made_after}
