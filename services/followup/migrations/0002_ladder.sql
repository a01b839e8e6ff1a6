ALTER TABLE case_file
    ADD COLUMN escalation int NOT NULL DEFAULT 0,
    ADD COLUMN reminded boolean NOT NULL DEFAULT false,
    ADD COLUMN next_at timestamptz,
    ADD COLUMN leader text REFERENCES case_file;
-- cases from before get onto the ladder when they fall due
UPDATE case_file SET next_at = due_at WHERE state <> 'closed';
CREATE INDEX case_next ON case_file (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX case_leader ON case_file (leader) WHERE leader IS NOT NULL;

-- How a department (or the supervisors, the management, product, ops) is served. Addresses are the house's own.
CREATE TABLE house_setting (
    scope         text PRIMARY KEY,
    assignment    text NOT NULL DEFAULT 'manual',
    last_assigned text,
    addresses     text[] NOT NULL DEFAULT '{}',
    mail_at       timestamptz,
    changed_at    timestamptz,
    changed_by    text
);

-- Letters to departments. They hold case numbers, codes and times; no customer's words and no name.
CREATE TABLE mail (
    mail_id       text PRIMARY KEY,
    kind          text NOT NULL,
    scope         text NOT NULL,
    detail        jsonb NOT NULL,
    addresses     text[] NOT NULL,
    due_at        timestamptz NOT NULL,
    made_at       timestamptz NOT NULL,
    state         text NOT NULL DEFAULT 'ready',
    tries         int NOT NULL DEFAULT 0,
    sending_since timestamptz,
    outcome       text,
    ended_at      timestamptz
);
CREATE INDEX mail_due ON mail (due_at) WHERE state = 'ready';
CREATE INDEX mail_sending ON mail (sending_since) WHERE state = 'sending';
CREATE INDEX mail_made ON mail (scope, made_at DESC);
