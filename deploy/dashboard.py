"""The overview dashboard as code: `make gen` writes dashboards/overview.json for Grafana from the lists below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH, HEIGHT = 8, 7


@dataclass(frozen=True)
class Panel:
    """One panel: its queries as (legend, PromQL), and Grafana's name of the unit."""

    title: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    kind: str = "timeseries"
    description: str = ""


ROWS: dict[str, tuple[Panel, ...]] = {
    "Health": (
        Panel("Processes that answer", "short", (("of ours", 'sum(up{job="mesto"})'),), "stat"),
        Panel(
            "What is not ready",
            "short",
            (("not ready", 'count(mesto_ready{job="mesto"} == 0) or vector(0)'),),
            "stat",
            "Checks that fail, over all processes; mesto_ready names them.",
        ),
        Panel(
            "Audit differences",
            "short",
            (("differences", "sum(max by (service, check) (mesto_audit_differences)) or vector(0)"),),
            "stat",
        ),
    ),
    "Requests": (
        Panel(
            "Requests by service",
            "reqps",
            (("{{service}}", "sum by (service) (rate(mesto_http_requests_total{route=~'/api/.+'}[5m]))"),),
        ),
        Panel(
            "Server errors by service",
            "percentunit",
            (
                (
                    "{{service}}",
                    '(sum by (service) (rate(mesto_http_requests_total{route=~"/api/.+", status=~"5.."}[5m]))'
                    " or 0 * sum by (service) (rate(mesto_http_requests_total{route=~'/api/.+'}[5m])))"
                    " / sum by (service) (rate(mesto_http_requests_total{route=~'/api/.+'}[5m]))",
                ),
            ),
        ),
        Panel(
            "Seconds by service: mean, p95",
            "s",
            (
                (
                    "{{service}} mean",
                    "sum by (service) (rate(mesto_http_request_seconds_sum{route=~'/api/.+'}[5m]))"
                    " / sum by (service) (rate(mesto_http_request_seconds_count{route=~'/api/.+'}[5m]))",
                ),
                (
                    "{{service}} p95",
                    "histogram_quantile(0.95, sum by (service, le)"
                    " (rate(mesto_http_request_seconds_bucket{route=~'/api/.+'}[5m])))",
                ),
            ),
        ),
        Panel(
            "Slowest routes, p95",
            "s",
            (
                (
                    "{{method}} {{route}}",
                    "topk(10, histogram_quantile(0.95, sum by (method, route, le)"
                    " (rate(mesto_http_request_seconds_bucket{route=~'/api/.+'}[5m]))))",
                ),
            ),
        ),
        Panel("Requests in flight", "short", (("{{service}}", "sum by (service) (mesto_http_requests_in_flight)"),)),
        Panel("Live connections", "short", (("sockets", "sum(mesto_sockets)"),)),
    ),
    "Business": (
        Panel("Bookings that keep seats", "short", (("{{status}}", "max by (status) (mesto_bookings)"),)),
        Panel(
            "Bookings by what became of them",
            "short",
            (("{{status}}", "sum by (status) (increase(mesto_booking_transitions_total[1h]))"),),
        ),
        Panel(
            "Payments in an hour", "short", (("{{outcome}}", "sum by (outcome) (increase(mesto_payments_total[1h]))"),)
        ),
        Panel("Spaces by why not bookable", "short", (("{{reason}}", "max by (reason) (mesto_catalog_spaces)"),)),
        Panel(
            "Resources by condition",
            "short",
            (("{{type}}={{status}} {{reason}}", "sum by (type, status, reason) (mesto_operator_conditions)"),),
        ),
        Panel("Searches by city", "reqps", (("{{city}}", "sum by (city) (rate(mesto_searches_total[5m]))"),)),
        Panel(
            "Mails by outcome",
            "short",
            (("{{kind}} {{outcome}}", "sum by (kind, outcome) (increase(mesto_mails_total[1h]))"),),
        ),
    ),
    "Events and tasks": (
        Panel("Outbox: oldest event", "s", (("{{service}}", "max by (service) (mesto_outbox_lag_seconds)"),)),
        Panel("Outbox: events waiting", "short", (("{{service}}", "max by (service) (mesto_outbox_waiting)"),)),
        Panel(
            "Events handled",
            "ops",
            (("{{service}} {{outcome}}", "sum by (service, outcome) (rate(mesto_events_handled_total[5m]))"),),
        ),
        Panel("Messages in queues", "short", (("{{queue}}", "sum by (queue) (rabbitmq_detailed_queue_messages)"),)),
        Panel(
            "Tasks by outcome",
            "ops",
            (("{{task}} {{outcome}}", "sum by (task, outcome) (rate(mesto_tasks_total[5m]))"),),
        ),
        Panel(
            "Seconds of a task, p95",
            "s",
            (("{{task}}", "histogram_quantile(0.95, sum by (task, le) (rate(mesto_task_seconds_bucket[5m])))"),),
        ),
    ),
    "Processes": (
        Panel(
            "Event loop lag, p99",
            "s",
            (
                (
                    "{{service}} {{process}}",
                    "histogram_quantile(0.99, sum by (service, process, le)"
                    " (rate(mesto_event_loop_lag_seconds_bucket[5m])))",
                ),
            ),
        ),
        Panel(
            "Database connections taken",
            "percentunit",
            (("{{pool}}", "sum by (pool) (mesto_db_connections_in_use) / sum by (pool) (mesto_db_connections_max)"),),
        ),
        Panel(
            "Wait for a connection, p95",
            "s",
            (("{{pool}}", "histogram_quantile(0.95, sum by (pool, le) (rate(mesto_db_checkout_seconds_bucket[5m])))"),),
        ),
        Panel(
            "Memory",
            "bytes",
            (("{{service}} {{process}}", 'sum by (service, process) (process_resident_memory_bytes{job="mesto"})'),),
        ),
        Panel(
            "CPU",
            "percentunit",
            (
                (
                    "{{service}} {{process}}",
                    'sum by (service, process) (rate(process_cpu_seconds_total{job="mesto"}[5m]))',
                ),
            ),
        ),
        Panel(
            "Reconciles by outcome",
            "ops",
            (("{{outcome}}", "sum by (outcome) (rate(mesto_operator_reconciles_total[5m]))"),),
        ),
    ),
}


def _target(number: int, legend: str, query: str, instant: bool) -> dict[str, Any]:
    return {
        "refId": chr(ord("A") + number),
        "datasource": SOURCE,
        "expr": query,
        "legendFormat": legend,
        "instant": instant,
        "range": not instant,
    }


def _panel(number: int, panel: Panel, x: int, y: int) -> dict[str, Any]:
    stat = panel.kind == "stat"
    shape: dict[str, Any] = {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": SOURCE,
        "gridPos": {"x": x, "y": y, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [_target(at, legend, query, stat) for at, (legend, query) in enumerate(panel.queries)],
    }
    if stat:
        return shape | {"options": {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value"}}
    return shape | {"options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}}}


def overview() -> dict[str, Any]:
    """The dashboard as Grafana imports it; it asks for the Prometheus to use."""
    panels: list[dict[str, Any]] = []
    y = 0
    for title, row in ROWS.items():
        panels.append(
            {
                "id": len(panels) + 1,
                "type": "row",
                "title": title,
                "collapsed": False,
                "panels": [],
                "gridPos": {"x": 0, "y": y, "w": 24, "h": 1},
            }
        )
        y += 1
        for at, panel in enumerate(row):
            panels.append(_panel(len(panels) + 1, panel, at % 3 * WIDTH, y + at // 3 * HEIGHT))
        y += (len(row) + 2) // 3 * HEIGHT
    choice = {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}
    return {
        "uid": "mesto-overview",
        "title": "Mesto: overview",
        "tags": ["mesto"],
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [choice]},
        "panels": panels,
    }
