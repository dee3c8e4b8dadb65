from mesto.common.database.alembic_env import run
from mesto.notifications.tables import METADATA

run(METADATA)
