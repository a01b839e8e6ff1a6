"""Figures of scheduler for Prometheus; docs/metrics.md says what each means and what to do."""

from prometheus_client import Counter, Gauge

RELEASED = Counter("aftercall_scheduler_permits_released_total", "Permits told to survey.", ["channel"])
CLOSED = Counter("aftercall_scheduler_callbacks_closed_total", "Callbacks that ended, by why.", ["explanation"])
PERMITS_DUE = Gauge("aftercall_scheduler_permits_due", "Permits whose time has come and that are not released.")
WISHES = Gauge("aftercall_scheduler_wishes_untold", "Wishes not to be contacted that survey was not told of yet.")
