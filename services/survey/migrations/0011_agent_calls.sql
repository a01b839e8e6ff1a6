-- A call that the exchange places for an agent: first the agent's telephone rings, then the customer's. Its row is there
-- before anything rings, so that nothing rings twice. early_at: an answer was stored before the exchange had told that the
-- customer took the call. The customer's number is never here.
CREATE TABLE agent_call (
    callback_id          text NOT NULL,
    permit_no            integer NOT NULL,
    customer_ref         text NOT NULL,
    exchange             text NOT NULL,
    telephone            text NOT NULL,
    wanted_at            timestamptz NOT NULL,
    taken_at             timestamptz,
    agent_answered_at    timestamptz,
    customer_answered_at timestamptz,
    early_at             timestamptz,
    ended_at             timestamptz,
    ended_by             text CHECK (ended_by IN ('agent', 'customer', 'exchange')),
    cause                integer,
    PRIMARY KEY (callback_id, permit_no),
    FOREIGN KEY (callback_id, permit_no) REFERENCES permit
);
CREATE INDEX agent_call_open ON agent_call (exchange) WHERE ended_at IS NULL;
CREATE INDEX agent_call_customer ON agent_call (customer_ref);
