from mesto.common.database.alembic_env import run
from mesto.notifications.schema import METADATA

run(METADATA)
