from mesto.common.database.alembic_env import run
from mesto.geo.schema import METADATA

run(METADATA)
