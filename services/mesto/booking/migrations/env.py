from mesto.booking.tables import METADATA
from mesto.common.alembic_env import run

run(METADATA)
