"""Figures of survey for Prometheus; docs/metrics.md says what each means and what to do."""

from prometheus_client import Counter, Gauge, Histogram

ATTEMPTS = Counter("aftercall_survey_attempts_total", "Contacts that had their end.", ["channel", "disposition"])
GIVEN_BACK = Counter(
    "aftercall_survey_given_back_total", "Permits with which nobody was contacted.", ["channel", "reason"]
)
RESPONSES = Counter("aftercall_survey_responses_total", "Responses told for the first time.", ["channel", "status"])
VOIDED = Counter("aftercall_survey_voided_total", "Responses taken out of the figures.", ["reason"])
PERMITS = Gauge("aftercall_survey_permits", "Permits that have no end yet.", ["channel", "state"])
LETTERS_DUE = Gauge("aftercall_survey_letters_due", "Letters whose time has come and that are not sent.")
CALLS_EXPIRING = Gauge("aftercall_survey_calls_expiring", "Unclaimed calls that can start for less than an hour yet.")
RATING_CALLS_UP = Gauge("aftercall_survey_rating_calls", "Calls by keypad that ring or talk now.", ["state"])
RATING_CALLS_ENDED = Counter(
    "aftercall_survey_rating_calls_ended_total", "Calls by keypad that had their end.", ["cause"]
)
EXCHANGE_LOST = Gauge("aftercall_survey_exchange_lost", "1 while an exchange that is set up cannot be reached.")
EXCHANGE_TAKEN = Gauge(
    "aftercall_survey_exchange_taken_over", "1 when another client took this worker's application name: it has stopped."
)
EXCHANGE_FAILURES = Counter("aftercall_survey_exchange_failures_total", "What an exchange refused to do.", ["kind"])
KEYS_PRESSED = Counter("aftercall_survey_keys_total", "Keys that customers pressed on rating calls.")
PROMPTED_AGAIN = Counter("aftercall_survey_prompted_again_total", "Prompts repeated after a wrong key or silence.")
RATINGS_NOT_STORED = Counter("aftercall_survey_ratings_not_stored_total", "Answers by keypad that were not committed.")
TRANSFERS = Counter("aftercall_survey_transfers_total", "Low ratings that wanted a human voice.", ["outcome"])
AGENT_CALLS = Counter("aftercall_survey_agent_calls_total", "Calls that an exchange placed for agents.", ["outcome"])
RECORDINGS = Counter("aftercall_survey_recordings_total", "Calls that an exchange recorded.", ["outcome"])
TRANSFER_SECONDS = Histogram(
    "aftercall_survey_transfer_seconds", "How long a customer waited for the human voice.", buckets=(2, 5, 10, 20, 40)
)
