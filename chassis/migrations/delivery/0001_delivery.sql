-- Outbox: append-only, read in (xid, position) order. Partitions of 1,000,000 positions are dropped whole, so a vacuum
-- of inserted rows would be work for nothing.
CREATE TABLE outbox (
    position   bigint GENERATED ALWAYS AS IDENTITY,
    xid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
    event_id   uuid NOT NULL,
    topic      text NOT NULL,
    key        text NOT NULL,
    headers    bytea NOT NULL,
    payload    bytea NOT NULL,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp()
) PARTITION BY RANGE (position);
CREATE INDEX outbox_order ON outbox (xid, position);

-- Everything up to (xid, position) is at the broker, in outbox_dead or in outbox_waiting.
CREATE TABLE outbox_cursor (
    single   boolean PRIMARY KEY DEFAULT true CHECK (single),
    xid      xid8 NOT NULL DEFAULT '0',
    position bigint NOT NULL DEFAULT 0,
    owner    text,
    moved_at timestamptz
) WITH (fillfactor = 10, autovacuum_vacuum_threshold = 100, autovacuum_vacuum_scale_factor = 0);
INSERT INTO outbox_cursor DEFAULT VALUES;

-- Rows that the broker refused for good.
CREATE TABLE outbox_dead (
    event_id uuid PRIMARY KEY,
    topic    text NOT NULL,
    key      text NOT NULL,
    headers  bytea NOT NULL,
    payload  bytea NOT NULL,
    reason   text NOT NULL,
    at       timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX outbox_dead_key ON outbox_dead (key);

-- Later rows of the customers of dead rows, in their order.
CREATE TABLE outbox_waiting (
    xid      xid8 NOT NULL,
    position bigint NOT NULL,
    event_id uuid NOT NULL,
    topic    text NOT NULL,
    key      text NOT NULL,
    headers  bytea NOT NULL,
    payload  bytea NOT NULL,
    PRIMARY KEY (key, xid, position)
);
CREATE INDEX outbox_waiting_position ON outbox_waiting (position);

-- Inbox: every event id that was received, by month of the id's time.
CREATE TABLE inbox (
    event_id    uuid NOT NULL,
    topic       text NOT NULL,
    key         text NOT NULL,
    outcome     text NOT NULL CHECK (outcome IN ('done', 'dead', 'parked')),
    epoch       int NOT NULL DEFAULT 0,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (event_id)
) PARTITION BY RANGE (event_id);
CREATE INDEX inbox_unsettled ON inbox (outcome, event_id) WHERE outcome <> 'done';
-- ids without a time in them end here
CREATE TABLE inbox_default PARTITION OF inbox DEFAULT;

-- Tries of records that failed, so that one that kills the process is counted too.
CREATE TABLE attempt (
    event_id   uuid PRIMARY KEY,
    tries      int NOT NULL,
    last_error text,
    at         timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 100, autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE progress (
    topic         text NOT NULL,
    partition     int NOT NULL,
    next_offset   bigint NOT NULL,
    in_hand_from  bigint,
    in_hand_tries int NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, partition)
) WITH (fillfactor = 10, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

CREATE TABLE dead_letter (
    letter_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id      uuid NOT NULL,
    topic         text NOT NULL,
    partition     int NOT NULL,
    "offset"      bigint NOT NULL,
    key           text,
    customer_key  text,
    reason        text NOT NULL,
    field         text,
    sealed_record text NOT NULL,
    week          text NOT NULL,
    state         text NOT NULL DEFAULT 'dead' CHECK (state IN ('dead', 'replayed')),
    epoch         int NOT NULL DEFAULT 0,
    at            timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX dead_letter_event ON dead_letter (event_id);
CREATE INDEX dead_letter_customer ON dead_letter (topic, customer_key) WHERE state = 'dead';
CREATE INDEX dead_letter_age ON dead_letter (at);

CREATE TABLE parked (
    event_id      uuid PRIMARY KEY,
    topic         text NOT NULL,
    partition     int NOT NULL,
    "offset"      bigint NOT NULL,
    key           text NOT NULL,
    reason        text NOT NULL CHECK (reason IN ('behind dead letter', 'unknown version')),
    sealed_record text NOT NULL,
    week          text NOT NULL,
    parked_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX parked_order ON parked (topic, key, partition, "offset");

-- Two spare partitions lie ahead of the one in use. Returns how many were made; made and attached, not created in place,
-- because that takes a lock that lets writers go on.
CREATE FUNCTION add_outbox_partition() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '5s' AS $$
DECLARE
    width CONSTANT bigint := 1000000;
    in_use bigint;
    part text;
    made int := 0;
BEGIN
    PERFORM pg_advisory_xact_lock('outbox'::regclass::oid::int, 1);
    in_use := coalesce(pg_sequence_last_value(pg_get_serial_sequence('outbox', 'position')::regclass), 1) / width;
    FOR number IN in_use .. in_use + 2 LOOP
        part := 'outbox_' || number;
        CONTINUE WHEN to_regclass(part) IS NOT NULL;
        EXECUTE format(
            'CREATE TABLE %I (LIKE outbox INCLUDING DEFAULTS) WITH (autovacuum_vacuum_insert_threshold = -1)', part);
        EXECUTE format(
            'ALTER TABLE outbox ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', part, number * width, (number + 1) * width);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- Drops the partitions that are used up, wholly behind the cursor and without waiting rows. Returns how many.
-- While it waits for its lock writers wait too, so it gives up early; the next call tries again.
CREATE FUNCTION drop_outbox_partitions() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '200ms' AS $$
DECLARE
    width CONSTANT bigint := 1000000;
    written bigint := coalesce(pg_sequence_last_value(pg_get_serial_sequence('outbox', 'position')::regclass), 0);
    part record;
    needed boolean;
    dropped int := 0;
BEGIN
    FOR part IN
        SELECT child.relname AS name, substr(child.relname, 8)::bigint AS number
        FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
        WHERE inhparent = 'outbox'::regclass AND (substr(child.relname, 8)::bigint + 1) * width <= written
        ORDER BY 2
    LOOP
        -- a cheap look first, and again under the lock, when no writer with a position in it can be under way
        FOR pass IN 1 .. 2 LOOP
            EXECUTE format(
                'SELECT EXISTS (SELECT FROM %I AS o, outbox_cursor AS c WHERE (o.xid, o.position) > (c.xid, c.position))'
                ' OR EXISTS (SELECT FROM outbox_waiting WHERE position >= $1 AND position < $2)', part.name)
            INTO needed USING part.number * width, (part.number + 1) * width;
            EXIT WHEN needed;
            LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE;
        END LOOP;
        CONTINUE WHEN needed;
        EXECUTE format('DROP TABLE %I', part.name);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
EXCEPTION WHEN lock_not_available THEN
    RETURN 0;
END $$;

-- The smallest UUIDv7 or v8 of an instant: 48 bits of milliseconds, then zeros.
CREATE FUNCTION first_event_id(instant timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT
RETURN (lpad(to_hex((extract(epoch FROM instant) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;

-- Every month that touches [since, until) has its partition; rows that came before it are moved. Returns how many were made.
CREATE FUNCTION add_inbox_partitions(since timestamptz, until timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '5s' SET timezone = 'UTC' AS $$
DECLARE
    month timestamptz := date_trunc('month', since);
    part text;
    low uuid;
    high uuid;
    made int := 0;
BEGIN
    PERFORM pg_advisory_xact_lock('inbox'::regclass::oid::int, 1);
    WHILE month < until LOOP
        part := to_char(month, '"inbox_"YYYY_MM');
        low := first_event_id(month);
        month := month + interval '1 month';
        high := first_event_id(month);
        CONTINUE WHEN to_regclass(part) IS NOT NULL;
        LOCK TABLE inbox_default IN ACCESS EXCLUSIVE MODE;
        EXECUTE format('CREATE TABLE %I (LIKE inbox INCLUDING DEFAULTS INCLUDING CONSTRAINTS)'
            ' WITH (autovacuum_vacuum_insert_threshold = -1, fillfactor = 100)', part);
        EXECUTE format('WITH moved AS (DELETE FROM inbox_default WHERE event_id >= $1 AND event_id < $2 RETURNING *)'
            ' INSERT INTO %I SELECT * FROM moved', part) USING low, high;
        EXECUTE format('ALTER TABLE inbox ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', part, low, high);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- Drops the months that end by `before`, but for those with dead or parked rows. Returns how many; may be called again.
CREATE FUNCTION drop_inbox_partitions(before timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '200ms' SET timezone = 'UTC' AS $$
DECLARE
    part record;
    unsettled boolean;
    dropped int := 0;
BEGIN
    FOR part IN
        SELECT child.relname AS name
        FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
        WHERE inhparent = 'inbox'::regclass AND child.relname ~ '^inbox_\d{4}_\d{2}$'
          AND to_date(substr(child.relname, 7), 'YYYY_MM') + interval '1 month' <= before
        ORDER BY 1
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE outcome <> ''done'')', part.name) INTO unsettled;
        CONTINUE WHEN unsettled;
        LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE;
        EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE outcome <> ''done'')', part.name) INTO unsettled;
        CONTINUE WHEN unsettled;
        EXECUTE format('DROP TABLE %I', part.name);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
EXCEPTION WHEN lock_not_available THEN
    RETURN 0;
END $$;

SELECT add_outbox_partition();
SELECT add_inbox_partitions('2026-01-01 00:00:00Z', '2028-01-01 00:00:00Z');
