"""What every service keeps, in geo's schema. The tables of a feature are in its room; ``schema.py`` knows them all."""

from __future__ import annotations

from mesto.common.audit.jobs import jobs_table
from mesto.common.configuration import configuration_table
from mesto.common.db import metadata
from mesto.common.outbox import inbox_table, outbox_table

METADATA = metadata("geo")
OUTBOX = outbox_table(METADATA)
CONFIGURATION = configuration_table(METADATA)
INBOX = inbox_table(METADATA)
JOBS = jobs_table(METADATA)
