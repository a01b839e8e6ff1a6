CREATE SEQUENCE idea_number START 101;

-- What several customers suggested. Title and outcome are the house's own words; customers' words stay sealed.
CREATE TABLE idea (
    idea_id     text PRIMARY KEY,
    department  text NOT NULL,
    kind        text NOT NULL,
    owner       text NOT NULL,
    opened_at   timestamptz NOT NULL,
    changed_at  timestamptz NOT NULL,
    title       text,
    status      text NOT NULL,
    outcome     text,
    revision    int NOT NULL,
    merged_into text REFERENCES idea
);
CREATE INDEX idea_shelf ON idea (department, opened_at DESC) WHERE merged_into IS NULL;
CREATE INDEX idea_owner ON idea (owner, opened_at) WHERE merged_into IS NULL;
CREATE INDEX idea_merged ON idea (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE idea_item (
    item_id text PRIMARY KEY REFERENCES item,
    idea_id text NOT NULL REFERENCES idea
);
CREATE INDEX idea_item_idea ON idea_item (idea_id);

CREATE TABLE idea_vote (
    idea_id text NOT NULL REFERENCES idea,
    login   text NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (idea_id, login)
);

CREATE TABLE idea_history (
    idea_id    text NOT NULL REFERENCES idea,
    sequence   int NOT NULL,
    at         timestamptz NOT NULL,
    actor      text NOT NULL,
    actor_name text NOT NULL,
    action     text NOT NULL,
    detail     jsonb NOT NULL,
    PRIMARY KEY (idea_id, sequence)
);
REVOKE UPDATE, DELETE, TRUNCATE ON idea_history FROM aftercall_followup;

-- suggestions from before: one idea each
WITH numbered AS (
    SELECT item_id, department, kind, routed_at, 'SG-' || nextval('idea_number') AS idea_id
    FROM item WHERE kind IN ('suggestion', 'new_demand')
), made AS (
    INSERT INTO idea (idea_id, department, kind, owner, opened_at, changed_at, status, revision)
    SELECT idea_id, department, kind, CASE department WHEN 'product' THEN 'product' ELSE 'ops' END, routed_at, routed_at,
           'new', 1
    FROM numbered
    RETURNING idea_id
)
INSERT INTO idea_item (item_id, idea_id) SELECT item_id, idea_id FROM numbered;

-- A supervisor's entry on the wall of praise. `practice`: the house's own words for what the team did well.
CREATE TABLE best_practice (
    item_id   text PRIMARY KEY REFERENCES item,
    practice  text NOT NULL,
    marked_by text NOT NULL,
    marked_at timestamptz NOT NULL
);

-- A measure that answers a row of a report.
CREATE TABLE improvement (
    improvement_id text PRIMARY KEY,
    revision       int NOT NULL,
    period         text NOT NULL,
    report_row     text NOT NULL,
    measure        text NOT NULL,
    department     text,
    owner          text NOT NULL,
    due_on         date NOT NULL,
    state          text NOT NULL,
    opened_by      text NOT NULL,
    opened_at      timestamptz NOT NULL,
    changed_by     text NOT NULL,
    changed_at     timestamptz NOT NULL
);
CREATE INDEX improvement_period ON improvement (period, due_on);
