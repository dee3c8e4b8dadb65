from mesto.common.alembic_env import run
from mesto.notifications.tables import METADATA

run(METADATA)
