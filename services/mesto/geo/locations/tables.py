"""Where spaces are. Distances are on the spheroid (geography, metres)."""

from __future__ import annotations

from geoalchemy2 import Geography
from mesto.geo.tables import METADATA
from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

POSITIONS = Table(
    "positions",
    METADATA,
    Column("space_id", Uuid, primary_key=True),
    # The newest revision seen; a removed space keeps its row, so that a late space.changed cannot bring it back.
    Column("space_revision", BigInteger, nullable=False),
    Column("removed", Boolean, nullable=False, server_default=text("false")),
    # Our own counter of what was found out.
    Column("revision", BigInteger, nullable=False, server_default=text("0")),
    Column("city", Text, nullable=False),
    # NULL until the next change of a space that was stored before we kept it.
    Column("time_zone", Text),
    Column("position", Geography("POINT", 4326, spatial_index=False)),
    # {city, district, transit} as space.located carries them, with {far, clock} where it doubts, and
    # Located | NoDistrict | UnknownCity.
    Column("located", JSONB(none_as_null=True)),
    Column("reason", Text),
    CheckConstraint("removed OR position IS NOT NULL", name="position"),
    Index("ix_positions_position", "position", postgresql_using="gist"),
    Index("ix_positions_city", "city", postgresql_where=text("NOT removed")),
)
