"""What every service keeps, in catalog's schema.

The tables of a feature are in its room; ``schema.py`` knows them all.
"""

from __future__ import annotations

from mesto.common.consistency.jobs import jobs_table
from mesto.common.database.engine import metadata
from mesto.common.messaging.outbox import inbox_table, outbox_table
from mesto.common.platform_config.configuration import configuration_table

METADATA = metadata("catalog")
OUTBOX = outbox_table(METADATA)
CONFIGURATION = configuration_table(METADATA)
INBOX = inbox_table(METADATA)
JOBS = jobs_table(METADATA)
