ALTER TABLE improvement ADD COLUMN measure text;
ALTER TABLE improvement ADD COLUMN department text;
CREATE INDEX improvement_period ON improvement (period);

-- the first time that a case came into a state: how long the steps of the work take
CREATE TABLE case_step (
    case_id text NOT NULL,
    state text NOT NULL,
    completion_ref text NOT NULL,
    first_at timestamptz NOT NULL,
    PRIMARY KEY (case_id, state)
);
CREATE INDEX case_step_completion ON case_step (completion_ref);
CREATE INDEX followup_case_completion ON followup_case (completion_ref);
CREATE INDEX completion_completed ON completion (completed_at);

-- a revision is never changed, a change of figures makes the next one; small cells and single answers lie sealed,
-- `points` and `duration` are what later reports compare themselves with
CREATE TABLE report (
    period text NOT NULL,
    revision integer NOT NULL,
    kind text NOT NULL,
    published_at timestamptz NOT NULL,
    digest text NOT NULL,
    estimates_digest text NOT NULL,
    header text NOT NULL,
    content_sealed text NOT NULL,
    points text NOT NULL,
    duration double precision,
    PRIMARY KEY (period, revision)
);

-- up to which change of its months a period has been looked at for a report, and when
CREATE TABLE report_seen (
    period text PRIMARY KEY,
    changes bigint NOT NULL,
    looked_at timestamptz NOT NULL
);

-- when the loop of reports looks again, on the operator's calendar
CREATE TABLE report_due (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    due_at timestamptz NOT NULL
);

-- asked once for a response, whatever happens
CREATE TABLE verification_request (
    response_id text PRIMARY KEY,
    request_id text NOT NULL,
    customer_ref text NOT NULL,
    completion_ref text NOT NULL,
    revision integer NOT NULL,
    deadline timestamptz NOT NULL,
    requested_at timestamptz NOT NULL
);
