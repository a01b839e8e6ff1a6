-- A record that a person or a rule took out of the figures; it is kept.
ALTER TABLE response ADD COLUMN voided_at timestamptz, ADD COLUMN void_reason text, ADD COLUMN voided_by text;

-- What looks careless or impossible, until a person decides. Evidence is what was measured, never an answer.
CREATE TABLE quality_flag (
    response_id  text NOT NULL REFERENCES response,
    code         text NOT NULL,
    customer_ref text NOT NULL,
    evidence     text NOT NULL,
    flagged_at   timestamptz NOT NULL,
    decision     text CHECK (decision IN ('kept', 'voided')),
    decided_by   text,
    decided_at   timestamptz,
    PRIMARY KEY (response_id, code)
);
CREATE INDEX quality_flag_open ON quality_flag (flagged_at, response_id) WHERE decision IS NULL;
CREATE INDEX quality_flag_customer ON quality_flag (customer_ref);
CREATE INDEX response_voided ON response (voided_at DESC) WHERE voided_at IS NOT NULL;

-- The wish that somebody asks once more; told as callback-requested.
CREATE TABLE verification_request (
    request_id     text PRIMARY KEY,
    response_id    text NOT NULL UNIQUE REFERENCES response,
    customer_ref   text NOT NULL,
    completion_ref text NOT NULL,
    revision       integer NOT NULL DEFAULT 1,
    state          text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'withdrawn')),
    not_before     timestamptz NOT NULL,
    deadline       timestamptz NOT NULL
);
CREATE INDEX verification_request_customer ON verification_request (customer_ref);

-- A table of answers given elsewhere: its rows wait, sealed, until somebody commits them; one file is one batch.
CREATE TABLE import_batch (
    import_id     text PRIMARY KEY,
    digest        text NOT NULL,
    source        text NOT NULL,
    questionnaire text NOT NULL,
    version       integer NOT NULL,
    file_name     text NOT NULL,
    rows          integer NOT NULL,
    staged        boolean NOT NULL DEFAULT false,
    uploaded_by   text NOT NULL,
    uploaded_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX import_batch_age ON import_batch (uploaded_at);

-- staged: looked at; chosen: waits for the loop; settled: the verdict is the last word and the answers are gone from here.
CREATE TABLE import_row (
    import_id    text NOT NULL REFERENCES import_batch ON DELETE CASCADE,
    number       integer NOT NULL,
    service_id   text,
    customer_ref text,
    state        text NOT NULL DEFAULT 'staged' CHECK (state IN ('staged', 'chosen', 'settled')),
    verdict      text NOT NULL,
    fault_field  text,
    fault_rule   text,
    response_id  text,
    sealed       text,
    PRIMARY KEY (import_id, number)
);
CREATE INDEX import_row_chosen ON import_row (import_id, number) WHERE state = 'chosen';
CREATE INDEX import_row_verdict ON import_row (import_id, state, verdict, number);
CREATE INDEX import_row_customer ON import_row (customer_ref) WHERE sealed IS NOT NULL;

-- What goes back to the CRM: one entry for each revision that was told of a response, and one when it was voided; kept as
-- it was told. Read in (xid, position) order below the oldest running transaction: a position alone skips late commits.
CREATE TABLE record_feed (
    position      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid           xid8 NOT NULL DEFAULT pg_current_xact_id(),
    entry_id      text NOT NULL UNIQUE,
    kind          text NOT NULL,
    source        text NOT NULL,
    customer_ref  text NOT NULL,
    month         text NOT NULL,
    told_at       timestamptz NOT NULL,
    facts         jsonb NOT NULL,
    answers       text,
    texts         text
);
CREATE INDEX record_feed_order ON record_feed (source, xid, position);
CREATE INDEX record_feed_customer ON record_feed (customer_ref) WHERE texts IS NOT NULL;

-- A text message that a gateway has taken is asked about until it tells what became of it.
ALTER TABLE message ADD COLUMN accepted_at timestamptz;

-- Where the recording of a contact lies, sealed with the customer's key, until its time is over.
CREATE TABLE recording (
    callback_id  text NOT NULL,
    permit_no    integer NOT NULL,
    customer_ref text NOT NULL,
    sealed       text NOT NULL,
    keep_until   timestamptz NOT NULL,
    linked_by    text NOT NULL,
    linked_at    timestamptz NOT NULL,
    PRIMARY KEY (callback_id, permit_no),
    FOREIGN KEY (callback_id, permit_no) REFERENCES permit
);
CREATE INDEX recording_over ON recording (keep_until);
CREATE INDEX recording_customer ON recording (customer_ref);
