-- The period events as they were told, so that a sample can be exported and checked long after the outbox forgot them.
CREATE TABLE period_told (
    period   text NOT NULL REFERENCES period,
    sequence int GENERATED ALWAYS AS IDENTITY,
    topic    text NOT NULL,
    event    jsonb NOT NULL,
    told_at  timestamptz NOT NULL,
    PRIMARY KEY (period, sequence)
);
CREATE TRIGGER told_stays BEFORE UPDATE OR DELETE ON period_told FOR EACH ROW EXECUTE FUNCTION refuse_change();
