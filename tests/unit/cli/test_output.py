"""Results in columns, JSON and YAML."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from mesto.cli import output

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def resource(name: str, *conditions: dict[str, Any]) -> dict[str, Any]:
    known = {"name": name, "namespace": "moscow", "generation": 2, "creationTimestamp": "2026-11-26T09:00:00Z"}
    status = {"observedGeneration": 2, "conditions": list(conditions)} if conditions else {}
    return {"kind": "CoworkingSpace", "metadata": known, "status": status}


def condition(name: str, status: str, reason: str, message: str = "") -> dict[str, Any]:
    return {"type": name, "status": status, "reason": reason, "message": message, "observedGeneration": 2}


def test_wide_is_a_line_for_each_resource_in_columns() -> None:
    well = resource("loft", condition("Ready", "True", "Ready", "All is well."), condition("Synced", "True", "Synced"))
    lines = list(output.wide([well, resource("a-longer-name")], NOW))
    assert [line.split() for line in lines] == [
        ["NAMESPACE", "NAME", "READY", "REASON", "AGE", "GENERATION", "CONDITIONS", "MESSAGE"],
        ["moscow", "cws/loft", "True", "Ready", "3h", "2/2", "Synced=True", "All", "is", "well."],
        ["moscow", "cws/a-longer-name", "False", "-", "3h", "0/2", "-", "-"],
    ]
    assert {line.index(word) for line, word in zip(lines, ("READY", "True", "False"), strict=True)} == {
        lines[0].index("READY")
    }
    assert list(output.wide([], NOW)) == []


@pytest.mark.parametrize(
    ("since", "said"),
    [
        ("2026-11-26T11:59:01Z", "59s"),
        ("2026-11-26T11:58:01Z", "119s"),
        ("2026-11-26T11:00:00Z", "60m"),
        ("2026-11-20T12:00:00Z", "6d"),
        ("2026-11-26T12:00:05Z", "0s"),
        (None, "-"),
    ],
)
def test_ages_are_short(since: str | None, said: str) -> None:
    assert output.age(since, NOW) == said


def test_programs_get_the_same_as_json_and_as_yaml(capsys: pytest.CaptureFixture[str]) -> None:
    value = [{"name": "Лофт", "from": "08:00", "date": "2027-01-01"}]
    output.data(value, "json")
    assert json.loads(capsys.readouterr().out) == value
    output.data(value, "yaml")
    printed = capsys.readouterr().out
    assert yaml.safe_load(printed) == value
    assert "Лофт" in printed
