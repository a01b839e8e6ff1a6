"""Figures of followup for Prometheus; docs/metrics.md says what each means and what to do."""

from prometheus_client import Gauge

CASES_OPEN = Gauge("aftercall_followup_cases_open", "Cases that are not closed.", ["department"])
CASES_OVERDUE = Gauge("aftercall_followup_cases_overdue", "Cases not closed by their due time.", ["department"])
PROMISES_OPEN = Gauge("aftercall_followup_promises_open", "Promises that are neither kept nor broken.", ["department"])
PROMISES_OVERDUE = Gauge("aftercall_followup_promises_overdue", "Open promises past their date.", ["department"])
