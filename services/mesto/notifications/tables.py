"""What every service keeps, in the schema of notifications; a feature's tables are in its room."""

from __future__ import annotations

from mesto.common.consistency.jobs import jobs_table
from mesto.common.database.engine import metadata
from mesto.common.messaging.outbox import inbox_table
from mesto.common.platform_config.configuration import configuration_table

METADATA = metadata("notifications")
INBOX = inbox_table(METADATA)
CONFIGURATION = configuration_table(METADATA)
JOBS = jobs_table(METADATA)
