from mesto.auth.tables import METADATA
from mesto.common.alembic_env import run

run(METADATA)
