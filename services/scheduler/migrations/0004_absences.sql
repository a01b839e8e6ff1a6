-- Calls that a customer answered, by the hour of their own clock.
CREATE TABLE answered_hour (
    customer_ref text NOT NULL,
    hour         int NOT NULL CHECK (hour BETWEEN 0 AND 23),
    calls        int NOT NULL,
    PRIMARY KEY (customer_ref, hour)
);

-- What the CRM last told of a customer who may be called without a service: sealed, for the day when a trigger fires.
CREATE TABLE customer_profile (
    customer_ref text PRIMARY KEY,
    source       text NOT NULL,
    profile      text NOT NULL,
    told_at      timestamptz NOT NULL
);

-- The timers of absences and of care: while it waits, a row is the timer.
CREATE TABLE absence (
    customer_ref text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('no_act', 'inactive', 'every')),
    scenario     text NOT NULL,
    since        timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    state        text NOT NULL CHECK (state IN ('waiting', 'fired', 'ended')),
    service_id   text,
    PRIMARY KEY (customer_ref, kind, since)
);
CREATE INDEX absence_due ON absence (due_at) WHERE state = 'waiting';
