-- A rating call by keypad, one for each permit. Its row is there before anything is dialled, so that a permit rings once.
-- lost_at: when time ends a call of which nobody told the end.
CREATE TABLE rating_call (
    callback_id       text NOT NULL,
    permit_no         integer NOT NULL,
    customer_ref      text NOT NULL,
    channel_id        text NOT NULL UNIQUE,
    exchange          text NOT NULL,
    incoming          boolean NOT NULL,
    language          text NOT NULL,
    dialled_at        timestamptz NOT NULL,
    answered_at       timestamptz,
    ended_at          timestamptz,
    lost_at           timestamptz NOT NULL,
    cause             integer,
    tune              text,
    tune_begun_at     timestamptz,
    tune_ended_at     timestamptz,
    tune_end          text CHECK (tune_end IN ('heard', 'hung_up', 'failed', 'lost')),
    after_tune        text CHECK (after_tune IN ('thanked', 'hung_up', 'transferred', 'promised')),
    agent_called_at   timestamptz,
    agent_answered_at timestamptz,
    PRIMARY KEY (callback_id, permit_no),
    FOREIGN KEY (callback_id, permit_no) REFERENCES permit
);
CREATE INDEX rating_call_open ON rating_call (exchange) WHERE ended_at IS NULL;
CREATE INDEX rating_call_lost ON rating_call (lost_at) WHERE ended_at IS NULL;
CREATE INDEX rating_call_customer ON rating_call (customer_ref);
CREATE INDEX permit_ivr ON permit (priority, not_after) WHERE state = 'open' AND channel = 'ivr';

-- Every key that was pressed, in its order: which question, which version of its prompt, which key. Sealed with the facts
-- of the month, like the answers.
CREATE TABLE key_press (
    callback_id  text NOT NULL,
    permit_no    integer NOT NULL,
    number       integer NOT NULL,
    customer_ref text NOT NULL,
    sealed       text NOT NULL,
    pressed_at   timestamptz NOT NULL,
    PRIMARY KEY (callback_id, permit_no, number)
);
