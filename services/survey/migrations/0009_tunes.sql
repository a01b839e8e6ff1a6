-- Tunes that the house uploaded, beside those that are shipped as files. Never deleted: calls name what was played.
CREATE TABLE tune (
    tune_id      text PRIMARY KEY,
    band         text NOT NULL CHECK (band IN ('cheerful', 'soothing')),
    tone         text NOT NULL CHECK (tone IN ('classical', 'pop', 'nature')),
    locales      text[] NOT NULL,
    licence      text NOT NULL,
    seconds      double precision NOT NULL,
    loudness     double precision NOT NULL,
    peak         double precision NOT NULL,
    silent_start double precision NOT NULL,
    sha256       text NOT NULL UNIQUE,
    sound        bytea NOT NULL,
    uploaded_by  text NOT NULL,
    uploaded_at  timestamptz NOT NULL,
    withdrawn_by text,
    withdrawn_at timestamptz
);
ALTER TABLE tune ALTER COLUMN sound SET STORAGE EXTERNAL; -- noise to a compressor

-- Which tune a rating of this band hears at a house of this tone. Empty locale or scenario: all of them.
CREATE TABLE tune_assignment (
    band        text NOT NULL CHECK (band IN ('cheerful', 'soothing')),
    tone        text NOT NULL CHECK (tone IN ('classical', 'pop', 'nature')),
    locale      text NOT NULL,
    scenario    text NOT NULL,
    tune_id     text NOT NULL,
    assigned_by text NOT NULL,
    assigned_at timestamptz NOT NULL,
    PRIMARY KEY (band, tone, locale, scenario)
);

-- Tunes of one band in comparison, drawn under a secret for a share of customers or teams. One at a time for a band.
CREATE TABLE tune_pilot (
    pilot_id text PRIMARY KEY,
    name     text NOT NULL,
    band     text NOT NULL CHECK (band IN ('cheerful', 'soothing')),
    arms     text[] NOT NULL CHECK (cardinality(arms) >= 2),
    unit     text NOT NULL CHECK (unit IN ('customer', 'team')),
    share    double precision NOT NULL CHECK (share > 0 AND share <= 1),
    teams    text[] NOT NULL,
    begun_by text NOT NULL,
    begun_at timestamptz NOT NULL,
    ended_by text,
    ended_at timestamptz
);
CREATE UNIQUE INDEX tune_pilot_running ON tune_pilot (band) WHERE ended_at IS NULL;
CREATE TABLE tune_pilot_secret (
    pilot_id text PRIMARY KEY REFERENCES tune_pilot,
    secret   bytea NOT NULL
);
REVOKE ALL ON tune_pilot_secret FROM aftercall_auditor;

-- The pilot in which the call's tune was drawn by chance; NULL: nobody drew.
ALTER TABLE rating_call ADD COLUMN tune_pilot text REFERENCES tune_pilot;
CREATE INDEX rating_call_pilot ON rating_call (tune_pilot, tune) WHERE tune_pilot IS NOT NULL;
