"""What comparing spaces with the resources that should manage them has found."""

from __future__ import annotations

from mesto.catalog.tables import METADATA
from sqlalchemy import Column, DateTime, Table, Text, func
from sqlalchemy.dialects.postgresql import JSONB

COMPARISONS = Table(
    "comparisons",
    METADATA,
    # The namespaces that an operator watches: "*" for all, else their names.
    Column("scope", Text, primary_key=True),
    Column("compared_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    # Resources that say they are stored and are not, as {namespace, name}.
    Column("unstored", JSONB(none_as_null=True), nullable=False),
)
