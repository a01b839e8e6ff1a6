-- The newest known revision of each response. Revision 0: only its voiding is known so far.
CREATE TABLE response (
    response_id    text PRIMARY KEY,
    customer_ref   text NOT NULL,
    completion_ref text NOT NULL,
    revision       int NOT NULL DEFAULT 0,
    purpose        text,
    channel        text,
    about          jsonb,
    agent          text,
    answers        text,
    texts          text,
    context        text,
    connected_at   timestamptz,
    ended_at       timestamptz,
    recorded_at    timestamptz,
    voided_at      timestamptz
);
CREATE INDEX response_about_case ON response ((about ->> 'case_id')) WHERE about IS NOT NULL;
CREATE INDEX response_about_response ON response ((about ->> 'response_id')) WHERE about IS NOT NULL;
CREATE INDEX response_customer ON response (customer_ref);

-- What tagging routed here. The words stay in the response, sealed; spans say where.
CREATE TABLE item (
    item_id           text PRIMARY KEY,
    item_revision     int NOT NULL,
    state             text NOT NULL,
    kind              text NOT NULL,
    response_id       text NOT NULL,
    response_revision int NOT NULL,
    customer_ref      text NOT NULL,
    completion_ref    text NOT NULL,
    department        text NOT NULL,
    team              text,
    codes             text[] NOT NULL,
    severity          text NOT NULL,
    due_policy        text NOT NULL,
    spans             jsonb NOT NULL,
    about             jsonb,
    routed_at         timestamptz NOT NULL
);
CREATE INDEX item_response ON item (response_id);
CREATE INDEX item_library ON item (kind, routed_at DESC);

CREATE SEQUENCE case_number START 1001;

CREATE TABLE case_file (
    case_id          text PRIMARY KEY,
    item_id          text NOT NULL UNIQUE,
    response_id      text NOT NULL,
    customer_ref     text NOT NULL,
    completion_ref   text NOT NULL,
    department       text NOT NULL,
    team             text,
    codes            text[] NOT NULL,
    severity         text NOT NULL,
    state            text NOT NULL,
    opened_at        timestamptz NOT NULL,
    policy_due_at    timestamptz NOT NULL,
    due_at           timestamptz NOT NULL,
    calendar_version text NOT NULL,
    changed_at       timestamptz NOT NULL,
    revision         int NOT NULL,
    owner            text,
    owner_name       text,
    root_cause       text,
    root_cause_note  text,
    action           text,
    action_note      text,
    progress_text    text,
    solved_at        timestamptz,
    told_at          timestamptz,
    closed_at        timestamptz,
    closed_as        text,
    evidence         text[] NOT NULL,
    reopened         int NOT NULL
);
CREATE INDEX case_board ON case_file (department, due_at) WHERE state <> 'closed';
CREATE INDEX case_due ON case_file (due_at) WHERE state <> 'closed';
CREATE INDEX case_closed ON case_file (department, closed_at) WHERE state = 'closed';
CREATE INDEX case_response ON case_file (response_id, department);
CREATE INDEX case_customer ON case_file (customer_ref);

-- Append-only: each row carries the hash of the one before it (over what is stored here, sealed note included).
CREATE TABLE case_history (
    case_id       text NOT NULL REFERENCES case_file,
    sequence      int NOT NULL,
    at            timestamptz NOT NULL,
    actor         text NOT NULL,
    actor_name    text NOT NULL,
    action        text NOT NULL,
    from_state    text,
    to_state      text NOT NULL,
    detail        jsonb NOT NULL,
    note          text,
    previous_hash text NOT NULL,
    hash          text NOT NULL,
    PRIMARY KEY (case_id, sequence)
);
CREATE INDEX case_history_at ON case_history (at);
REVOKE UPDATE, DELETE, TRUNCATE ON case_history FROM aftercall_followup;

CREATE TABLE promise (
    promise_id     text PRIMARY KEY,
    response_id    text NOT NULL,
    customer_ref   text NOT NULL,
    completion_ref text NOT NULL,
    department     text NOT NULL,
    what           text NOT NULL,
    due_at         timestamptz NOT NULL,
    made_at        timestamptz NOT NULL,
    made_by        text NOT NULL,
    ask_at         timestamptz NOT NULL,
    changed_at     timestamptz NOT NULL,
    state          text NOT NULL,
    revision       int NOT NULL,
    case_id        text,
    evidence       text,
    asked_at       timestamptz,
    item_id        text
);
CREATE INDEX promise_due ON promise (due_at) WHERE state = 'open';
CREATE INDEX promise_ask ON promise (ask_at) WHERE state = 'open' AND asked_at IS NULL;
CREATE INDEX promise_response ON promise (response_id, department);
CREATE INDEX promise_case ON promise (case_id);
CREATE INDEX promise_department ON promise (department, due_at);

-- Every closed attempt that reached a customer, and every attempt about a case, promise or suggestion.
CREATE TABLE contact_attempt (
    attempt_id     text PRIMARY KEY,
    callback_id    text NOT NULL,
    customer_ref   text NOT NULL,
    completion_ref text NOT NULL,
    channel        text NOT NULL,
    disposition    text NOT NULL,
    connected_at   timestamptz,
    ended_at       timestamptz NOT NULL,
    agent          text,
    about          jsonb NOT NULL,
    reached        boolean NOT NULL
);
CREATE INDEX contact_attempt_customer ON contact_attempt (customer_ref, ended_at);

-- The wish for a second contact, as it was last told.
CREATE TABLE progress_request (
    request_id     text PRIMARY KEY,
    revision       int NOT NULL,
    state          text NOT NULL,
    customer_ref   text NOT NULL,
    completion_ref text NOT NULL,
    case_id        text,
    promise_id     text,
    suggestion_id  text,
    not_before     timestamptz NOT NULL,
    deadline       timestamptz NOT NULL,
    reserved_agent text,
    text           text,
    requested_at   timestamptz NOT NULL
);
CREATE INDEX progress_request_case ON progress_request (case_id);
CREATE INDEX progress_request_suggestion ON progress_request (suggestion_id) WHERE suggestion_id IS NOT NULL;

-- How callbacks with a progress part ended.
CREATE TABLE callback_end (
    callback_id   text NOT NULL,
    part_id       text NOT NULL,
    request_id    text,
    case_id       text,
    promise_id    text,
    suggestion_id text,
    customer_ref  text NOT NULL,
    explanation   text NOT NULL,
    closed_at     timestamptz NOT NULL,
    PRIMARY KEY (callback_id, part_id)
);
CREATE INDEX callback_end_case ON callback_end (case_id);

-- The highest sequence of an index and scope holds.
CREATE TABLE suppression (
    customer_ref text NOT NULL,
    index_key    text NOT NULL,
    scope        text NOT NULL,
    state        text NOT NULL,
    sequence     bigint NOT NULL,
    since        timestamptz NOT NULL,
    PRIMARY KEY (customer_ref, index_key, scope)
);
