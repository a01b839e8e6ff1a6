-- Who wants to hear what. The secret is derived from a key that is not in the database; secret_no goes up when it is
-- renewed. next_try_at and held_until follow the machine's clock: when it is tried again, who has it in hand.
CREATE TABLE webhook_subscription (
    subscription_id text PRIMARY KEY,
    owner           text NOT NULL,
    url             text NOT NULL,
    kinds           text[] NOT NULL,
    state           text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'ended')),
    secret_no       integer NOT NULL DEFAULT 1,
    created_by      text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    failures        integer NOT NULL DEFAULT 0,
    next_try_at     timestamptz,
    held_until      timestamptz,
    last_error      text
);
CREATE INDEX webhook_subscription_owner ON webhook_subscription (owner);

-- One message to one subscription. subject: what it is about; its content is made when it is sent. due_since: from when
-- a day counts until it is given up.
CREATE TABLE webhook_delivery (
    position        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription_id text NOT NULL REFERENCES webhook_subscription ON DELETE CASCADE,
    message_id      text NOT NULL DEFAULT 'msg_' || replace(gen_random_uuid()::text, '-', ''),
    kind            text NOT NULL,
    subject         text NOT NULL,
    written_at      timestamptz NOT NULL,
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'given_up')),
    due_since       timestamptz NOT NULL DEFAULT clock_timestamp(),
    tries           integer NOT NULL DEFAULT 0,
    tried_at        timestamptz,
    status          integer,
    error           text,
    UNIQUE (subscription_id, message_id)
);
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (subscription_id, position) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_written ON webhook_delivery (subscription_id, written_at);
CREATE INDEX webhook_delivery_tried ON webhook_delivery (tried_at) WHERE state <> 'waiting';
