"""Resources by condition, counted from the operator's own cache when /metrics is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from mesto.operator.cache import ConditionSummary
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

NAME = "mesto_operator_conditions"


class Conditions(Collector):
    """``mesto_operator_conditions{kind,type,status,reason}``; reasons are a fixed set of words.

    ``summaries`` gives for each kind what the conditions of its resources say.
    """

    def __init__(
        self,
        summaries: Mapping[str, Callable[[], Iterable[ConditionSummary]]],
        leading: Callable[[], bool] = lambda: True,
    ) -> None:
        self._summaries, self._leading = summaries, leading

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield one sample for each combination there is."""
        family = GaugeMetricFamily(NAME, "Resources by condition", labels=["kind", "type", "status", "reason"])
        # One that stands by would count everything once more.
        for kind, summaries in self._summaries.items() if self._leading() else ():
            counts = Counter(summaries())
            for (name, status, reason), count in sorted(counts.items()):
                family.add_metric([kind, name, status, reason], count)
        yield family

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Describe nothing, for registering must not walk the cache."""
        yield GaugeMetricFamily(NAME, "Resources by condition", labels=["kind", "type", "status", "reason"])
