-- What the service of these tests did: one row per effect, so that a second effect of one event is seen.
CREATE TABLE effect (
    nth          bigint GENERATED ALWAYS AS IDENTITY,
    event_id     uuid NOT NULL,
    customer_ref text NOT NULL,
    said         text NOT NULL
);
