from mesto.catalog.schema import METADATA
from mesto.common.database.alembic_env import run

run(METADATA)
