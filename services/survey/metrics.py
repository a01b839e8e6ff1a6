"""Figures of survey for Prometheus; docs/metrics.md says what each means and what to do."""

from prometheus_client import Counter, Gauge

ATTEMPTS = Counter("aftercall_survey_attempts_total", "Contacts that had their end.", ["channel", "disposition"])
GIVEN_BACK = Counter(
    "aftercall_survey_given_back_total", "Permits with which nobody was contacted.", ["channel", "reason"]
)
RESPONSES = Counter("aftercall_survey_responses_total", "Responses told for the first time.", ["channel", "status"])
VOIDED = Counter("aftercall_survey_voided_total", "Responses taken out of the figures.", ["reason"])
PERMITS = Gauge("aftercall_survey_permits", "Permits that have no end yet.", ["channel", "state"])
LETTERS_DUE = Gauge("aftercall_survey_letters_due", "Letters whose time has come and that are not sent.")
CALLS_EXPIRING = Gauge("aftercall_survey_calls_expiring", "Unclaimed calls that can start for less than an hour yet.")
