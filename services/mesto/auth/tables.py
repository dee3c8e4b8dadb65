"""What every service keeps, in auth's schema. The tables of a feature are in its room; ``schema.py`` knows them all."""

from __future__ import annotations

from mesto.common.configuration import configuration_table
from mesto.common.db import metadata
from mesto.common.outbox import inbox_table, outbox_table

METADATA = metadata("auth")
OUTBOX = outbox_table(METADATA)
CONFIGURATION = configuration_table(METADATA)
INBOX = inbox_table(METADATA)
