"""Figures of the chassis for Prometheus; a service declares its own. What each means: docs/metrics.md.

No label holds anything of a person or anything unbounded: names from the code or the contracts only.
"""

from collections.abc import Iterable, Mapping

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from chassis.vault import found_count, opened_count, sealed_count

LATENESS_BUCKETS = (1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600)

EVENTS = Counter("aftercall_events_total", "Records received, by outcome.", ["service", "topic", "outcome"])
BATCHES = Histogram(
    "aftercall_batch_seconds",
    "Time of one batch from fetch until it is settled in the database.",
    ["service"],
    buckets=(0.005, 0.02, 0.1, 0.5, 2, 10, 30),
)
LAG = Gauge(
    "aftercall_consumer_lag", "Records not yet handled, of the partitions of this process.", ["service", "topic"]
)
HALTED = Gauge("aftercall_receiving_halted", "1 when receiving stopped for good.", ["service"])
DEAD_LETTERS = Gauge("aftercall_dead_letters", "Dead letters that nobody has brought back.", ["service", "topic"])
PARKED = Gauge("aftercall_parked", "Records that wait behind a dead letter or for a version.", ["service", "topic"])

RELAYED = Counter("aftercall_relayed_total", "Outbox rows acknowledged by the broker.", ["service", "topic"])
REFUSED = Counter("aftercall_relay_refused_total", "Outbox rows the broker refused for good.", ["service", "topic"])
RELAY_PASSES = Histogram(
    "aftercall_relay_seconds",
    "Time of one pass with outbox rows: sent, acknowledged, cursor moved.",
    ["service"],
    buckets=(0.005, 0.02, 0.1, 0.5, 2, 10, 30),
)
OUTBOX_AGE = Gauge("aftercall_outbox_oldest_seconds", "Age of the oldest row not yet relayed.", ["service"])
OUTBOX_ROWS = Gauge("aftercall_outbox_rows", "Rows not yet relayed.", ["service"])
OUTBOX_DEAD = Gauge("aftercall_outbox_dead_rows", "Rows the broker refused for good.", ["service"])
OUTBOX_WAITING = Gauge("aftercall_outbox_waiting_rows", "Rows that wait behind a refused one.", ["service"])

LOOP_FAILURES = Counter("aftercall_loop_failures_total", "Passes of a loop that raised.", ["service", "loop"])
LOOP_WORK = Counter("aftercall_loop_work_total", "Things done by a loop.", ["service", "loop"])
LATENESS = Histogram(
    "aftercall_timer_lateness_seconds",
    "How long after its due time a thing was taken, on the business clock.",
    ["service", "timer"],
    buckets=LATENESS_BUCKETS,
)
OVERDUE = Gauge("aftercall_timer_overdue_seconds", "How long the first due thing has waited.", ["service", "timer"])

WEBHOOKS = Counter("aftercall_webhook_tries_total", "Messages to systems outside, by outcome.", ["service", "outcome"])

POOL_USED = Gauge("aftercall_pool_connections_used", "Database connections in use.", ["service", "pool"])
POOL_LIMIT = Gauge("aftercall_pool_connections_limit", "Most database connections of a pool.", ["service", "pool"])
READY = Gauge("aftercall_ready", "1 while the service makes progress, 0 while it does not.", ["service"])
MEASURED = Gauge(
    "aftercall_measured_timestamp_seconds", "When its gauges were last measured (Unix time).", ["service", "place"]
)
RESTARTS = Counter(
    "aftercall_task_restarts_total", "Tasks that ended by themselves and began again.", ["service", "task"]
)

Figures = Mapping[Gauge, Mapping[tuple[str, ...], float]]
"""For each gauge the value of every combination of labels that there is now; others are gone."""


class Board:
    """Shows measured figures; what one measurement no longer tells is taken down, not left standing."""

    def __init__(self) -> None:
        self._shown: set[tuple[Gauge, tuple[str, ...]]] = set()

    def show(self, figures: Figures) -> None:
        now = {(gauge, labels): value for gauge, values in figures.items() for labels, value in values.items()}
        for (gauge, labels), value in now.items():
            _child(gauge, labels).set(value)
        for gauge, labels in self._shown - now.keys():
            gauge.remove(*labels) if labels else gauge.set(0)
        self._shown = set(now)

    def clear(self) -> None:
        self.show({})


def _child(gauge: Gauge, labels: tuple[str, ...]) -> Gauge:
    return gauge.labels(*labels) if labels else gauge


class _VaultFigures(Collector):
    """Sealing and opening are counted in plain counters, because a batch does thousands; they are read when asked."""

    def collect(self) -> Iterable[Metric]:
        yield _family("aftercall_sealed", "Values sealed, by class of key.", "key_class", sealed_count)
        yield _family("aftercall_opened", "Values opened, by class of key.", "key_class", opened_count)
        yield _family("aftercall_vault_keys", "Keys asked for, by where they were found.", "place", found_count)


def _family(name: str, meaning: str, label: str, counts: Mapping[tuple[str, str], int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, meaning, labels=("service", label))
    for labels, count in sorted(counts.items()):
        family.add_metric(labels, count)
    return family


REGISTRY.register(_VaultFigures())
