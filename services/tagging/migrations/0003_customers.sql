-- The context of each service, sealed as it came: level and purchases of the customer are in it.
ALTER TABLE completion ADD COLUMN context text;
CREATE INDEX completion_customer ON completion (customer_ref, completed_at DESC);
CREATE INDEX item_customer ON item (customer_ref) WHERE kind IN ('problem', 'suggestion');

-- The tags of each customer, and when they are to be worked out again.
CREATE TABLE customer (
    customer_ref text PRIMARY KEY,
    due_at       timestamptz,
    revision     int NOT NULL DEFAULT 0,
    tags         text,
    tagged_at    timestamptz
);
CREATE INDEX customer_due ON customer (due_at) WHERE due_at IS NOT NULL;
