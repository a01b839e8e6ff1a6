-- Most rows are a little over 2,000 bytes, nearly all of it sealed text: PostgreSQL would try in vain to compress each, then
-- store it in pieces elsewhere, for a row that is read once and dropped. Up to 8,160 bytes it stays in its page.
CREATE OR REPLACE FUNCTION add_outbox_partition() RETURNS int
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
        EXECUTE format('CREATE TABLE %I (LIKE outbox INCLUDING DEFAULTS)'
            ' WITH (autovacuum_vacuum_insert_threshold = -1, toast_tuple_target = 8160)', part);
        EXECUTE format(
            'ALTER TABLE outbox ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', part, number * width, (number + 1) * width);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

DO $$
DECLARE
    part regclass;
BEGIN
    FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'outbox'::regclass LOOP
        EXECUTE format('ALTER TABLE %s SET (toast_tuple_target = 8160)', part);
    END LOOP;
END $$;
