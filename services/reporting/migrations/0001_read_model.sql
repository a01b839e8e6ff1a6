-- Every table has the business key of its topic. Nothing refers to another table: topics come in any order.
-- Columns named *_sealed hold facts under the key of the month; no score, tag or context lies here in the open.

CREATE TABLE completion (
    completion_ref text PRIMARY KEY,
    customer_ref text NOT NULL,
    source text NOT NULL,
    service_id text NOT NULL,
    verdict text NOT NULL,
    reason text NOT NULL,
    scenario text,
    period text NOT NULL,
    stratum text NOT NULL,
    rate_version integer NOT NULL,
    cell text NOT NULL,
    inclusion_probability double precision NOT NULL,
    policy_version text NOT NULL,
    accepted_at timestamptz NOT NULL,
    completed_at timestamptz NOT NULL,
    context_sealed text NOT NULL
);
CREATE INDEX completion_period ON completion (period, verdict);
CREATE INDEX completion_customer ON completion (customer_ref);

CREATE TABLE sampling_period (
    period text PRIMARY KEY,
    opened_at timestamptz,
    secret_digest text,
    policy_digest text,
    closed_at timestamptz,
    out_of_frame integer,
    ledger_digest text
);

CREATE TABLE stratum_rate (
    period text NOT NULL,
    stratum text NOT NULL,
    rate_version integer NOT NULL,
    rate double precision NOT NULL,
    expected integer,
    certainty boolean NOT NULL,
    PRIMARY KEY (period, stratum, rate_version)
);

CREATE TABLE closed_cell (
    period text NOT NULL,
    stratum text NOT NULL,
    rate_version integer NOT NULL,
    cell text NOT NULL,
    accepted integer NOT NULL,
    selected integer NOT NULL,
    PRIMARY KEY (period, stratum, rate_version, cell)
);

CREATE TABLE response (
    response_id text PRIMARY KEY,
    revision integer NOT NULL,
    status text NOT NULL,
    final boolean NOT NULL,
    customer_ref text NOT NULL,
    completion_ref text NOT NULL,
    callback_id text,
    permit_no integer,
    part_id text NOT NULL,
    purpose text NOT NULL,
    round integer NOT NULL,
    channel text NOT NULL,
    channel_reason text NOT NULL,
    about_response_id text,
    about_case_id text,
    about_promise_id text,
    in_design boolean NOT NULL,
    questionnaire text NOT NULL,
    questionnaire_version integer NOT NULL,
    content_hash text NOT NULL,
    answers_sealed text NOT NULL,
    flags text[] NOT NULL,
    agent text,
    started_at timestamptz NOT NULL,
    connected_at timestamptz,
    ended_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX response_completion ON response (completion_ref);

-- a tombstone of its own: it may come before its response
CREATE TABLE voided_response (
    response_id text PRIMARY KEY,
    completion_ref text NOT NULL,
    reason text NOT NULL,
    voided_by text NOT NULL,
    voided_at timestamptz NOT NULL
);

CREATE TABLE response_tags (
    response_id text PRIMARY KEY,
    completion_ref text NOT NULL,
    revision integer NOT NULL,
    tagging_revision integer NOT NULL,
    tags_sealed text NOT NULL,
    lexicon_version text NOT NULL,
    tagged_at timestamptz NOT NULL
);

CREATE TABLE customer_tags (
    customer_ref text PRIMARY KEY,
    revision integer NOT NULL,
    tags_sealed text NOT NULL,
    tagged_at timestamptz NOT NULL
);

CREATE TABLE contact_attempt (
    attempt_id text PRIMARY KEY,
    callback_id text NOT NULL,
    permit_no integer NOT NULL,
    completion_ref text NOT NULL,
    channel text NOT NULL,
    channel_reason text NOT NULL,
    purpose text NOT NULL,
    round integer NOT NULL,
    disposition text NOT NULL,
    not_attempted text,
    started_at timestamptz,
    connected_at timestamptz,
    ended_at timestamptz NOT NULL,
    agent text,
    wrapup_missing boolean NOT NULL,
    tune text,
    transferred boolean NOT NULL
);
CREATE INDEX contact_attempt_completion ON contact_attempt (completion_ref);

CREATE TABLE callback (
    callback_id text PRIMARY KEY,
    completion_ref text NOT NULL,
    explanation text NOT NULL,
    purposes text[] NOT NULL,
    permits integer NOT NULL,
    response_id text,
    deadline_missed boolean NOT NULL,
    in_design boolean NOT NULL,
    closed_at timestamptz NOT NULL
);
CREATE INDEX callback_completion ON callback (completion_ref);

CREATE TABLE followup_case (
    case_id text PRIMARY KEY,
    revision integer NOT NULL,
    completion_ref text NOT NULL,
    response_id text NOT NULL,
    item_id text NOT NULL,
    state text NOT NULL,
    department text NOT NULL,
    owner text,
    severity text NOT NULL,
    opened_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    closed_as text,
    root_cause text,
    action text
);
CREATE INDEX followup_case_response ON followup_case (response_id);

CREATE TABLE promise (
    promise_id text PRIMARY KEY,
    revision integer NOT NULL,
    completion_ref text NOT NULL,
    response_id text NOT NULL,
    case_id text,
    state text NOT NULL,
    department text NOT NULL,
    due_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE INDEX promise_response ON promise (response_id);

CREATE TABLE improvement (
    improvement_id text PRIMARY KEY,
    revision integer NOT NULL,
    period text NOT NULL,
    report_row text NOT NULL,
    owner text NOT NULL,
    due_on date NOT NULL,
    state text NOT NULL,
    changed_at timestamptz NOT NULL
);

-- facts stay after an erasure, so that past figures do not move; lists say that the customer is gone
CREATE TABLE erased_customer (
    customer_ref text PRIMARY KEY,
    erased_at timestamptz NOT NULL
);

-- grows with every change of the month: what was opened into memory under an older count is stale
CREATE TABLE month_change (
    period text PRIMARY KEY,
    changes bigint NOT NULL
);
