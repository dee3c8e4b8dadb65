from mesto.common.alembic_env import run
from mesto.geo.tables import METADATA

run(METADATA)
