-- The sound of a contact as an exchange recorded it, after the notice of it was heard: sealed with the customer's key, until
-- its time is over. Its row is there before the exchange is asked, so that no file at the exchange is unknown.
-- at_exchange: a file of it may still lie there. erased: the sound was destroyed before its file at the exchange was.
CREATE TABLE call_recording (
    callback_id  text NOT NULL,
    permit_no    integer NOT NULL,
    customer_ref text NOT NULL,
    exchange     text NOT NULL,
    state        text NOT NULL CHECK (state IN ('begun', 'kept', 'lost', 'erased')),
    begun_at     timestamptz NOT NULL,
    kept_at      timestamptz,
    seconds      double precision,
    sealed       text,
    keep_until   timestamptz NOT NULL,
    at_exchange  boolean NOT NULL DEFAULT true,
    tries        integer NOT NULL DEFAULT 0,
    PRIMARY KEY (callback_id, permit_no),
    FOREIGN KEY (callback_id, permit_no) REFERENCES permit,
    CHECK ((state = 'kept') = (sealed IS NOT NULL))
);
CREATE INDEX call_recording_at_exchange ON call_recording (exchange) WHERE at_exchange;
CREATE INDEX call_recording_over ON call_recording (keep_until);
CREATE INDEX call_recording_kept ON call_recording (keep_until, callback_id, permit_no) WHERE state = 'kept';
CREATE INDEX call_recording_customer ON call_recording (customer_ref);
