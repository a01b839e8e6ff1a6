-- What a hosted provider asked of a call that lasts, and how it was answered: the same step asked for again gets the same
-- answer. Sealed with the facts of the month (how the call rests holds the keys pressed); gone when the call ends.
CREATE TABLE hosted_step (
    channel_id text NOT NULL,
    step       integer NOT NULL,
    sealed     text,
    PRIMARY KEY (channel_id, step)
);
