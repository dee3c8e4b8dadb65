"""The dashboard's shape, the alerts' runbooks, and that docs/operations.md names each metric there is, and no other."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from dashboard import overview

REPO = Path(__file__).resolve().parents[3]
DASHBOARD = json.loads((REPO / "dashboards" / "overview.json").read_text("utf-8"))
RULES = [
    rule
    for group in yaml.safe_load((REPO / "dashboards" / "alerts.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
OPERATIONS = (REPO / "docs" / "operations.md").read_text("utf-8")
PANELS: list[dict[str, Any]] = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
UNITS = {"short", "reqps", "ops", "percentunit", "s", "bytes"}
# Made by Prometheus, by RabbitMQ or by the Python client, not by us.
FOREIGN = r"^(up|rabbitmq_.*|process_.*)$"


def metrics_in(expression: str) -> set[str]:
    return set(re.findall(r"\b((?:mesto|rabbitmq|process)_[a-z0-9_]+|up)\b", expression))


def plain(metric: str) -> str:
    return re.sub(r"_(bucket|sum|count)$", "", metric)


def metrics_of_the_code() -> set[str]:
    """Names as /metrics shows them: a Counter's ends with _total, as all of ours do in the code."""
    pattern = re.compile(
        r'(?:Counter|Gauge|Histogram)\(\s*"(mesto_[a-z0-9_]+)"|^(?:NAME|ITEMS) = "(mesto_[a-z0-9_]+)"', re.MULTILINE
    )
    found = set()
    for root in ("services", "operator", "spiders"):
        for file in (REPO / root).rglob("*.py"):
            found |= {quoted or bare for quoted, bare in pattern.findall(file.read_text("utf-8"))}
    return found


def documented() -> set[str]:
    return set(re.findall(r"^\| `(mesto_[a-z0-9_]+)` \|", OPERATIONS, re.MULTILINE))


def anchors() -> set[str]:
    headings = re.findall(r"^#+ (.+)$", OPERATIONS, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_dashboard_is_what_its_code_says() -> None:
    assert overview() == DASHBOARD, "run `make gen`"


def test_the_dashboard_can_be_imported() -> None:
    assert DASHBOARD["schemaVersion"] >= 39
    assert DASHBOARD["templating"]["list"][0]["type"] == "datasource"
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(numbers)) == len(numbers)
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_is_whole(panel: dict[str, Any]) -> None:
    assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
    assert panel["title"]
    assert panel["targets"]
    for target in panel["targets"]:
        assert target["legendFormat"]
        by = re.search(r"by \(([^)]*)\)", target["expr"])
        labels = {label.strip() for label in by[1].split(",")} - {"le"} if by else set()
        assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= labels
        unknown = {
            plain(metric) for metric in metrics_in(target["expr"]) if not re.match(FOREIGN, metric)
        } - documented()
        assert not unknown


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("critical", "warning")
    notes = rule["annotations"]
    assert notes["summary"]
    assert notes["description"]
    file, _, anchor = notes["runbook_url"].partition("#")
    assert file == "docs/operations.md"
    assert anchor in anchors()
    assert metrics_in(rule["expr"])
    assert not {plain(metric) for metric in metrics_in(rule["expr"]) if not re.match(FOREIGN, metric)} - documented()


def test_every_metric_is_documented_and_no_other() -> None:
    assert metrics_of_the_code() == documented()
