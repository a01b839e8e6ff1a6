-- One row tells what the business clock is:
--   real      the machine's clock
--   stepped   stands at instant until somebody steps it on
--   running   goes on at real speed from instant, which it showed at since
CREATE TABLE mode (
    single  boolean PRIMARY KEY DEFAULT true CHECK (single),
    mode    text NOT NULL DEFAULT 'real' CHECK (mode IN ('real', 'stepped', 'running')),
    instant timestamptz CHECK (mode = 'real' OR instant IS NOT NULL),
    since   timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 10, autovacuum_vacuum_threshold = 50, autovacuum_vacuum_scale_factor = 0);
INSERT INTO mode DEFAULT VALUES;

CREATE FUNCTION business_now() RETURNS timestamptz
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT
RETURN (
    SELECT CASE mode
        WHEN 'real' THEN clock_timestamp()
        WHEN 'stepped' THEN instant
        ELSE instant + (clock_timestamp() - since)
    END
    FROM mode
);

-- An instant that lies behind changes nothing. Returns what the clock shows now.
CREATE FUNCTION step_to(wanted timestamptz) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    shown timestamptz;
BEGIN
    UPDATE mode SET instant = greatest(instant, wanted), since = clock_timestamp()
    WHERE mode.mode = 'stepped'
    RETURNING instant INTO shown;
    IF shown IS NULL THEN
        RAISE EXCEPTION 'the business clock is not in stepped mode' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN shown;
END $$;

CREATE FUNCTION set_mode(wanted text, start timestamptz) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE mode SET mode = wanted, since = clock_timestamp(),
        instant = CASE WHEN wanted = 'real' THEN NULL ELSE coalesce(start, business_now()) END;
    RETURN business_now();
END $$;

GRANT USAGE ON SCHEMA clock TO aftercall_services;
GRANT EXECUTE ON FUNCTION business_now(), step_to(timestamptz) TO aftercall_services;
GRANT EXECUTE ON FUNCTION business_now() TO aftercall_auditor;
