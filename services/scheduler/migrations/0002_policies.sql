-- Every policy that ever decided, by version (the digest of its content): one of a scenario under its house rules, or a
-- whole set (scenario is null). The ledger names the version.
CREATE TABLE policy (
    version   text PRIMARY KEY,
    scenario  text,
    content   jsonb NOT NULL,
    stored_at timestamptz NOT NULL
);

-- Which set holds since when; the last one is in force. Completions before valid_from are sampled by the one before.
CREATE TABLE policy_edition (
    sequence     int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version      text NOT NULL REFERENCES policy,
    published_at timestamptz NOT NULL,
    valid_from   timestamptz NOT NULL,
    published_by text NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never changed: publish a new version', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER policy_stays BEFORE UPDATE OR DELETE ON policy FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER edition_stays BEFORE UPDATE OR DELETE ON policy_edition FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rate_stays BEFORE UPDATE OR DELETE ON stratum_rate FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What the window is counted from by the scenario's clock.
ALTER TABLE completion ADD COLUMN counted_from timestamptz;
UPDATE completion SET counted_from = coalesce(handled_at, completed_at);
ALTER TABLE completion ALTER COLUMN counted_from SET NOT NULL;
-- Completions also begin with a timer (an absence) or come from an imported list.
ALTER TABLE completion DROP CONSTRAINT completion_road_check;
ALTER TABLE completion ADD CONSTRAINT completion_road_check CHECK (road IN ('kafka', 'http', 'timer', 'list'));

-- Channels open to this customer by the pilots; null: all of the policy.
ALTER TABLE callback ADD COLUMN channels text[];

-- Plans of a permit that were replaced, the oldest first.
ALTER TABLE permit ADD COLUMN earlier_plans jsonb NOT NULL DEFAULT '[]';
