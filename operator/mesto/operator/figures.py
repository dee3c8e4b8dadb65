"""Resources by condition, counted from the operator's own cache when /metrics is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

NAME = "mesto_operator_conditions"
Resource = dict[str, Any]


class Conditions(Collector):
    """``mesto_operator_conditions{kind,type,status,reason}``; reasons are a fixed set of words.

    ``resources`` are by kind.
    """

    def __init__(
        self, resources: Mapping[str, Callable[[], Iterable[Resource]]], leading: Callable[[], bool] = lambda: True
    ) -> None:
        self._resources, self._leading = resources, leading

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One sample for each combination there is."""
        family = GaugeMetricFamily(NAME, "Resources by condition", labels=["kind", "type", "status", "reason"])
        # One that stands by would count everything once more.
        for kind, resources in self._resources.items() if self._leading() else ():
            counts: Counter[tuple[str, str, str]] = Counter()
            for resource in list(resources()):
                for condition in (resource.get("status") or {}).get("conditions") or []:
                    counts[condition["type"], condition["status"], condition.get("reason", "")] += 1
            for (name, status, reason), count in sorted(counts.items()):
                family.add_metric([kind, name, status, reason], count)
        yield family

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Registering must not walk the cache."""
        yield GaugeMetricFamily(NAME, "Resources by condition", labels=["kind", "type", "status", "reason"])
