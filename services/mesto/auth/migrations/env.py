from mesto.auth.schema import METADATA
from mesto.common.alembic_env import run

run(METADATA)
