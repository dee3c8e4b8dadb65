"""All tables of notifications, for its migrations."""

from __future__ import annotations

from mesto.notifications.deliveries import tables as deliveries
from mesto.notifications.recipients import tables as recipients
from mesto.notifications.tables import METADATA

__all__ = ["METADATA", "deliveries", "recipients"]
