-- What a person holds a response to say. One row a response: the newest judgement; the audit log has the others.
CREATE TABLE judgement (
    response_id       text PRIMARY KEY REFERENCES response,
    customer_ref      text NOT NULL,
    number            int NOT NULL,
    response_revision int NOT NULL,
    ruling            text NOT NULL,
    lexicon_version   text NOT NULL,
    judged_by         text NOT NULL,
    judged_at         timestamptz NOT NULL
);
CREATE INDEX judgement_judged ON judgement (judged_at DESC);
