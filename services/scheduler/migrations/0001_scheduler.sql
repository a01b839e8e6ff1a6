-- A sampling period: the month of completed_at on the operator's clock.
CREATE TABLE period (
    period         text PRIMARY KEY,
    secret_digest  text NOT NULL,
    policy_digest  text NOT NULL,
    opened_at      timestamptz NOT NULL,
    closes_at      timestamptz NOT NULL,
    closed_at      timestamptz
);
CREATE INDEX period_closing ON period (closes_at) WHERE closed_at IS NULL;

-- The draw of an open period can be foretold by whoever reads this; not even the auditor may.
CREATE TABLE period_secret (
    period text PRIMARY KEY REFERENCES period,
    secret bytea NOT NULL
);
REVOKE ALL ON period_secret FROM aftercall_auditor;

CREATE TABLE stratum_rate (
    period       text NOT NULL REFERENCES period,
    stratum      text NOT NULL,
    rate_version int NOT NULL,
    thousandths  int NOT NULL CHECK (thousandths BETWEEN 0 AND 1000),
    expected     int,
    certainty    boolean NOT NULL,
    valid_from   timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (period, stratum, rate_version)
);

-- The sampling ledger: one row for every completion that was ever told, whatever became of it.
CREATE TABLE completion (
    completion_ref text PRIMARY KEY,
    source         text NOT NULL,
    service_id     text NOT NULL,
    customer_ref   text NOT NULL,
    scenario       text,
    verdict        text NOT NULL,
    reason         text NOT NULL,
    period         text NOT NULL,
    stratum        text NOT NULL,
    rate_version   int NOT NULL,
    cell           text NOT NULL,
    thousandths    int NOT NULL,
    draw           double precision,
    policy_version text NOT NULL,
    completed_at   timestamptz NOT NULL,
    handled_at     timestamptz,
    accepted_at    timestamptz NOT NULL,
    road           text NOT NULL CHECK (road IN ('kafka', 'http')),
    zone           text NOT NULL,
    vip            boolean NOT NULL,
    phone_index    text,
    email_index    text,
    contact        text NOT NULL,
    context        text NOT NULL,
    narrative      text,
    warnings       text[] NOT NULL DEFAULT '{}',
    duplicates     int NOT NULL DEFAULT 0,
    corrections    int NOT NULL DEFAULT 0,
    explanation    text,
    explained_at   timestamptz,
    UNIQUE (source, service_id)
);
CREATE INDEX completion_of_customer ON completion (customer_ref);
CREATE INDEX completion_of_service ON completion (service_id);
CREATE INDEX completion_in_frame ON completion (period, stratum, rate_version, cell);

-- Every body a completion came with, so that a late redelivery of an old one is no correction.
CREATE TABLE document (
    completion_ref text NOT NULL REFERENCES completion,
    digest         bytea NOT NULL,
    received_at    timestamptz NOT NULL,
    PRIMARY KEY (completion_ref, digest)
);

-- Which customers a phone number or address belongs to ("phone:<index>", "email:<index>").
CREATE TABLE contact_link (
    subject      text NOT NULL,
    customer_ref text NOT NULL,
    PRIMARY KEY (subject, customer_ref)
);
CREATE INDEX contact_link_of_customer ON contact_link (customer_ref);

-- The duty to contact a customer about a completion.
CREATE TABLE callback (
    callback_id    text PRIMARY KEY,
    completion_ref text NOT NULL REFERENCES completion,
    customer_ref   text NOT NULL,
    scenario       text NOT NULL,
    not_before     timestamptz NOT NULL,
    deadline       timestamptz NOT NULL,
    not_after      timestamptz NOT NULL,
    priority       int NOT NULL,
    skill          text NOT NULL,
    zone           text NOT NULL,
    reserved_agent text,
    channel_wish   text,
    in_design      boolean NOT NULL,
    passes_budget  boolean NOT NULL DEFAULT false,
    opened_at      timestamptz NOT NULL,
    counted_at     timestamptz,
    first_tried_at timestamptz,
    closes_at      timestamptz,
    last_word      text,
    explanation    text,
    closed_at      timestamptz
);
CREATE INDEX callback_of_completion ON callback (completion_ref);
CREATE INDEX callback_closing ON callback (closes_at) WHERE closed_at IS NULL;

CREATE TABLE part (
    callback_id   text NOT NULL REFERENCES callback,
    part_id       text NOT NULL,
    purpose       text NOT NULL,
    round         int NOT NULL,
    questionnaire text NOT NULL,
    about         jsonb,
    text          text,
    request_id    text,
    response_id   text,
    heard         text,
    PRIMARY KEY (callback_id, part_id)
);

-- Leave for one contact on one channel; while pending it is the timer.
CREATE TABLE permit (
    callback_id    text NOT NULL REFERENCES callback,
    permit_no      int NOT NULL,
    customer_ref   text NOT NULL,
    channel        text NOT NULL,
    channel_reason text NOT NULL,
    state          text NOT NULL CHECK (state IN ('pending', 'released', 'ended')),
    due_at         timestamptz NOT NULL,
    urgency        timestamptz NOT NULL,
    skill          text NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('first', 'retry', 'agreed')),
    not_before     timestamptz NOT NULL,
    last_start     timestamptz NOT NULL,
    reserved_agent text,
    plan           jsonb NOT NULL,
    planned_at     timestamptz NOT NULL,
    released_at    timestamptz,
    cancelled      text,
    ended_at       timestamptz,
    attempt_id     text,
    disposition    text,
    not_attempted  text,
    started_at     timestamptz,
    link_until     timestamptz,
    agent          text,
    PRIMARY KEY (callback_id, permit_no)
);
-- The release loop and the clock read nothing else, so their cost does not grow with what is done.
CREATE INDEX permit_due ON permit (due_at) WHERE state = 'pending';
CREATE INDEX permit_of_customer ON permit (customer_ref) WHERE state <> 'ended';
CREATE INDEX permit_released ON permit (skill, released_at) WHERE released_at IS NOT NULL;

-- One row for each callback at its first permit; who is counted is the phone number, else the address, else the customer.
CREATE TABLE budget (
    subject     text NOT NULL,
    callback_id text NOT NULL,
    counted_at  timestamptz NOT NULL,
    PRIMARY KEY (subject, callback_id)
);
CREATE INDEX budget_recent ON budget (subject, counted_at);

-- "phone:<index>", "email:<index>" or "customer:<ref>" may not be contacted in a scope.
CREATE TABLE suppression (
    subject    text NOT NULL,
    scope      text NOT NULL,
    state      text NOT NULL,
    changed_at timestamptz NOT NULL,
    sequence   int NOT NULL,
    PRIMARY KEY (subject, scope)
);

-- Wishes that were heard and are not yet told to every customer of the subject.
CREATE TABLE suppression_wish (
    wish_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject    text NOT NULL,
    scope      text NOT NULL,
    state      text NOT NULL,
    changed_at timestamptz NOT NULL,
    heard_at   timestamptz NOT NULL,
    applied_at timestamptz
);
CREATE INDEX suppression_wish_open ON suppression_wish (wish_id) WHERE applied_at IS NULL;

-- Wishes for a second contact, by followup, survey and reporting.
CREATE TABLE request (
    request_id     text PRIMARY KEY,
    revision       int NOT NULL,
    state          text NOT NULL,
    completion_ref text NOT NULL,
    customer_ref   text NOT NULL,
    purpose        text NOT NULL,
    about          jsonb NOT NULL,
    not_before     timestamptz NOT NULL,
    deadline       timestamptz NOT NULL,
    reserved_agent text,
    channel_wish   text,
    text           text,
    callback_id    text
);
CREATE INDEX request_waiting ON request (completion_ref) WHERE callback_id IS NULL AND state = 'open';

-- What others told about a completion, for the page that says why.
CREATE TABLE story (
    completion_ref text NOT NULL,
    kind           text NOT NULL,
    subject        text NOT NULL,
    revision       int NOT NULL,
    at             timestamptz NOT NULL,
    detail         jsonb NOT NULL,
    PRIMARY KEY (completion_ref, kind, subject, revision)
);

-- Registrations and acts, from which absences will be triggered.
CREATE TABLE customer_document (
    customer_ref text NOT NULL,
    kind         text NOT NULL,
    at           timestamptz NOT NULL,
    act          text NOT NULL DEFAULT '',
    PRIMARY KEY (customer_ref, kind, at, act)
);
