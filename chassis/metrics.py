"""The one catalogue of figures for Prometheus: what each means, and what to do when it looks wrong."""

from prometheus_client import Counter, Gauge, Histogram

EVENTS = Counter(
    "aftercall_events_total",
    "Records received, by outcome. Dead or parked ones rise: `aftercall dlq list` tells the reasons.",
    ["service", "outcome"],
)
RELAYED = Counter("aftercall_relayed_total", "Outbox rows acknowledged by the broker.", ["service"])
REFUSED = Counter(
    "aftercall_relay_refused_total",
    "Outbox rows the broker refused for good. Any is an alarm: see outbox_dead; that customer's later rows wait.",
    ["service"],
)
OUTBOX_AGE = Gauge(
    "aftercall_outbox_oldest_seconds",
    "Age of the oldest row not yet relayed. Over 60 s: broker away, or a long transaction somewhere in the cluster.",
    ["service"],
)
LAG = Gauge("aftercall_consumer_lag", "Records not yet handled. Rises without falling: add a process.", ["service"])
LOOP_FAILURES = Counter(
    "aftercall_loop_failures_total",
    "Passes of a loop that raised. Rising: the log of the same minute names the error.",
    ["service", "loop"],
)
LOOP_WORK = Counter("aftercall_loop_work_total", "Things done by a loop.", ["service", "loop"])
BATCHES = Histogram(
    "aftercall_batch_seconds",
    "Time of one batch from fetch until it is settled in the database. Over 10 s: look for locks or a missing index.",
    ["service"],
    buckets=(0.005, 0.02, 0.1, 0.5, 2, 10, 30),
)
