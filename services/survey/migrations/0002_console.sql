-- One agent has one callback in hand, from claim to wrap-up; the row goes when the permit is given back or ends.
-- due_at: when time acts by itself (give back, or close as break-off), on the business clock.
CREATE TABLE lease (
    callback_id  text NOT NULL,
    permit_no    integer NOT NULL,
    customer_ref text NOT NULL,
    agent        text NOT NULL,
    agent_name   text NOT NULL,
    state        text NOT NULL DEFAULT 'claimed' CHECK (state IN ('claimed', 'dialled', 'wrapup')),
    claimed_at   timestamptz NOT NULL,
    dialled_at   timestamptz,
    hung_up_at   timestamptz,
    due_at       timestamptz NOT NULL,
    PRIMARY KEY (callback_id, permit_no),
    UNIQUE (agent),
    FOREIGN KEY (callback_id, permit_no) REFERENCES permit
);
CREATE INDEX lease_due ON lease (due_at);
CREATE INDEX attempt_agent ON contact_attempt (agent, closed_at) WHERE agent IS NOT NULL;
