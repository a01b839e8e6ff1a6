-- The newest known revision of each response. Revision 0: only its voiding is known so far.
CREATE TABLE response (
    response_id      text PRIMARY KEY,
    customer_ref     text NOT NULL,
    completion_ref   text NOT NULL,
    revision         int NOT NULL DEFAULT 0,
    tagging_revision int NOT NULL DEFAULT 0,
    purpose          text,
    round            int,
    recorded_at      timestamptz,
    answers          text,
    texts            text,
    tags             text,
    lexicon_version  text,
    tagged_at        timestamptz,
    voided_at        timestamptz
);
CREATE INDEX response_customer ON response (customer_ref);
CREATE INDEX response_recorded ON response (recorded_at DESC) WHERE revision > 0;

CREATE TABLE item (
    item_id           text PRIMARY KEY,
    item_revision     int NOT NULL,
    response_id       text NOT NULL REFERENCES response,
    response_revision int NOT NULL,
    customer_ref      text NOT NULL,
    completion_ref    text NOT NULL,
    state             text NOT NULL,
    kind              text NOT NULL,
    department        text NOT NULL,
    team              text,
    codes             text[] NOT NULL,
    severity          text NOT NULL,
    due_policy        text NOT NULL,
    spans             jsonb NOT NULL,
    about             jsonb,
    routed_at         timestamptz NOT NULL
);
CREATE INDEX item_response ON item (response_id);

-- What the page of a response says of its service.
CREATE TABLE completion (
    completion_ref text PRIMARY KEY,
    customer_ref   text NOT NULL,
    source         text NOT NULL,
    service_id     text NOT NULL,
    scenario       text,
    completed_at   timestamptz NOT NULL
);
