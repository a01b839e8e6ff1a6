-- What tagging says of a customer, for the agent who calls. Sealed as it came.
CREATE TABLE customer_tags (
    customer_ref text PRIMARY KEY,
    revision     int NOT NULL,
    tags         text NOT NULL,
    tagged_at    timestamptz NOT NULL
);
