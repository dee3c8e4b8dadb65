"""Tables of the platform's texts."""

from __future__ import annotations

from mesto.auth.tables import METADATA
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Table,
    Text,
    Uuid,
    func,
    text,
)

# Every version of a text that was ever shown, as it was. A trigger refuses to change or to delete one: what somebody
# has agreed to can be read for as long as the platform lasts.
TEXT_VERSIONS = Table(
    "text_versions",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("ru", Text),
    Column("en", Text),
    Column("published_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("ru IS NOT NULL OR en IS NOT NULL", name="written"),
)

# The texts that are shown now, and which generation of the PlatformConfig (by its uid) declares each.
TEXTS = Table(
    "texts",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("required_to_register", Boolean, nullable=False, server_default=text("false")),
    Column("uid", Uuid, nullable=False),
    Column("generation", BigInteger, nullable=False),
    ForeignKeyConstraint(["name", "version"], ["auth.text_versions.name", "auth.text_versions.version"]),
)
