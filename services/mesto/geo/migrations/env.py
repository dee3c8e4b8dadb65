from mesto.common.alembic_env import run
from mesto.geo.schema import METADATA

run(METADATA)
