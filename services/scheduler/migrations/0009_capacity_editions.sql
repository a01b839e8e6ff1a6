-- The shifts of the agents by version (the digest of their content), and since when releases have gone by them: a replay of
-- the past takes those of its day.
CREATE TABLE capacity_edition (
    sequence    int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version     text NOT NULL,
    content     jsonb NOT NULL,
    since       timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TRIGGER capacity_stays BEFORE UPDATE OR DELETE ON capacity_edition FOR EACH ROW EXECUTE FUNCTION refuse_change();
