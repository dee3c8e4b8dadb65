"""A file of districts or stops, and the --mapping of its columns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mesto.cli.failure import Failure
from mesto.operator.kinds.geodataset import rows
from mesto.operator.kinds.geodataset.features import FIELDS, features


def parse_mapping(text: str, kind: str) -> dict[str, str]:
    """Parse ``name=Name,line=Line``. Raises Failure for a field that there is not."""
    mapping: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        field, equals, column = (word.strip() for word in part.partition("="))
        if not equals or not column or field not in FIELDS[kind]:
            raise Failure(f'--mapping: "{part}" is not field=column. Fields of {kind}: {", ".join(FIELDS[kind])}.')
        mapping[field] = column
    return mapping


def read(file: Path, kind: str, mapping: Mapping[str, str]) -> tuple[list[dict[str, object]], list[str]]:
    """Return features for geo and a sentence for each row that cannot be one.

    Raises Failure for the file as a whole.
    """
    good: list[dict[str, object]] = []
    bad: list[str] = []
    try:
        for number, found in features(rows.read_rows(file), kind, mapping, rows.name_of(file)):
            if isinstance(found, rows.Wrong):
                bad.append(f"row {number}: {found}")
            else:
                good.append(found)
    except rows.Unreadable as error:
        raise Failure(str(error)) from error
    return good, bad
