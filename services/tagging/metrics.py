"""Figures of tagging for Prometheus; docs/metrics.md says what each means and what to do."""

from prometheus_client import Counter

ITEMS = Counter("aftercall_tagging_items_total", "Items found in responses, by kind.", ["kind"])
CORRECTED = Counter("aftercall_tagging_corrected_total", "Responses whose tags a person confirmed or changed.")
UNROUTED = Counter(
    "aftercall_tagging_unrouted_total",
    "Items for which neither words nor team named a department: they go to the default one.",
    ["kind"],
)
