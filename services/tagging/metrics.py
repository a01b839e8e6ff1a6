"""Figures of tagging for Prometheus."""

from prometheus_client import Counter

UNROUTED = Counter(
    "aftercall_tagging_unrouted_total",
    "Items for which neither words nor team named a department: they go to the default one. Rising: teach routing.toml"
    " the teams of the CRM.",
    ["kind"],
)
