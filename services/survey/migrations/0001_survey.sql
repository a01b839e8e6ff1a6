-- Every completion that scheduler told of, drawn or not.
CREATE TABLE completion (
    completion_ref text PRIMARY KEY,
    customer_ref   text NOT NULL,
    source         text NOT NULL,
    service_id     text NOT NULL,
    verdict        text NOT NULL,
    scenario       text,
    period         text NOT NULL,
    completed_at   timestamptz NOT NULL,
    context        text NOT NULL,
    narrative      text,
    UNIQUE (source, service_id)
);
CREATE INDEX completion_customer ON completion (customer_ref);

-- The duty to contact a customer; its parts are fixed by the first permit.
CREATE TABLE callback (
    callback_id    text PRIMARY KEY,
    customer_ref   text NOT NULL,
    completion_ref text NOT NULL,
    source         text NOT NULL,
    service_id     text NOT NULL,
    scenario       text NOT NULL,
    month          text NOT NULL,
    parts          jsonb NOT NULL,
    in_design      boolean NOT NULL,
    context        text NOT NULL,
    narrative      text
);
CREATE INDEX callback_customer ON callback (customer_ref);

-- scheduler's last word on a callback; may come before its first permit.
CREATE TABLE callback_end (
    callback_id text PRIMARY KEY,
    explanation text NOT NULL,
    closed_at   timestamptz NOT NULL
);

-- Leave for one contact. open: nobody has it; claimed: an agent reads it; dialled: a call is on its way or waits for its
-- wrap-up; sending: a message is at the gateway; closed: exactly one row of contact_attempt tells how.
CREATE TABLE permit (
    callback_id     text NOT NULL REFERENCES callback,
    permit_no       integer NOT NULL,
    customer_ref    text NOT NULL,
    channel         text NOT NULL,
    channel_reason  text NOT NULL,
    state           text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'claimed', 'dialled', 'sending', 'closed')),
    starts          tstzmultirange NOT NULL,
    given_up_at     timestamptz NOT NULL,
    deadline        timestamptz NOT NULL,
    not_after       timestamptz NOT NULL,
    zone            text NOT NULL,
    maximum_minutes integer NOT NULL,
    priority        integer NOT NULL,
    skill           text NOT NULL,
    reserved_agent  text,
    attempt_limit   integer NOT NULL,
    phone_index     text,
    email_index     text,
    contact         text,
    received_at     timestamptz NOT NULL,
    PRIMARY KEY (callback_id, permit_no)
);
CREATE INDEX permit_queue ON permit (priority, not_after) WHERE state <> 'closed' AND channel = 'phone';
CREATE INDEX permit_given_up ON permit (given_up_at) WHERE state = 'open';
CREATE INDEX permit_phone ON permit (phone_index) WHERE state <> 'closed';
CREATE INDEX permit_email ON permit (email_index) WHERE state <> 'closed';
CREATE INDEX permit_customer ON permit (customer_ref);

-- A permit withdrawn; may come before the permit.
CREATE TABLE withdrawal (
    callback_id text NOT NULL,
    permit_no   integer NOT NULL,
    reason      text NOT NULL,
    PRIMARY KEY (callback_id, permit_no)
);

-- The one end of one permit.
CREATE TABLE contact_attempt (
    attempt_id    text PRIMARY KEY,
    callback_id   text NOT NULL,
    permit_no     integer NOT NULL,
    customer_ref  text NOT NULL,
    disposition   text NOT NULL,
    not_attempted text,
    detail        text,
    agent         text,
    started_at    timestamptz,
    connected_at  timestamptz,
    ended_at      timestamptz NOT NULL,
    closed_at     timestamptz NOT NULL,
    UNIQUE (callback_id, permit_no)
);
CREATE INDEX contact_attempt_customer ON contact_attempt (customer_ref);

-- A message permit on its way through the gateway. due_at and the back-off follow the business clock; sending_since tells
-- by the machine's clock that a process died with the message in its hands.
CREATE TABLE message (
    callback_id   text NOT NULL,
    permit_no     integer NOT NULL,
    customer_ref  text NOT NULL,
    channel       text NOT NULL,
    state         text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'sending', 'delivered', 'bounced', 'withdrawn')),
    due_at        timestamptz NOT NULL,
    tries         integer NOT NULL DEFAULT 0,
    sending_since timestamptz,
    outcome       text,
    PRIMARY KEY (callback_id, permit_no)
);
CREATE INDEX message_due ON message (due_at) WHERE state = 'ready';
CREATE INDEX message_sending ON message (sending_since) WHERE state = 'sending';

-- A link to the online questionnaire; only the hash of its code is here.
CREATE TABLE link (
    code_hash    text PRIMARY KEY,
    callback_id  text NOT NULL,
    permit_no    integer NOT NULL,
    customer_ref text NOT NULL,
    phone_index  text,
    email_index  text,
    state        text NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'used', 'expired', 'locked', 'stopped')),
    expires_at   timestamptz NOT NULL,
    wrong_tries  integer NOT NULL DEFAULT 0,
    UNIQUE (callback_id, permit_no)
);
CREATE INDEX link_expiry ON link (expires_at) WHERE state IN ('live', 'locked');
CREATE INDEX link_customer ON link (customer_ref);
CREATE INDEX link_phone ON link (phone_index) WHERE state IN ('live', 'locked');
CREATE INDEX link_email ON link (email_index) WHERE state IN ('live', 'locked');

-- One interview for a callback, on whatever channel it goes on. permit_no is the contact it goes on with now.
-- heard_at: the last answer; idle_at: when what was heard so far is told; ended_at: nothing more is taken.
CREATE TABLE interview (
    callback_id  text PRIMARY KEY REFERENCES callback,
    customer_ref text NOT NULL,
    permit_no    integer NOT NULL,
    channel      text NOT NULL,
    medium       text NOT NULL,
    agent        text,
    started_at   timestamptz NOT NULL,
    connected_at timestamptz,
    identity_at  timestamptz,
    consent_at   timestamptz,
    heard_at     timestamptz,
    idle_at      timestamptz,
    ended_at     timestamptz,
    marks        text
);
CREATE INDEX interview_idle ON interview (idle_at) WHERE idle_at IS NOT NULL;
CREATE INDEX interview_customer ON interview (customer_ref);

-- What was told of each part, by revision.
CREATE TABLE response (
    response_id   text PRIMARY KEY,
    callback_id   text NOT NULL,
    part_id       text NOT NULL,
    customer_ref  text NOT NULL,
    questionnaire text NOT NULL,
    version       integer NOT NULL,
    content_hash  text NOT NULL,
    revision      integer NOT NULL DEFAULT 0,
    status        text,
    final         boolean NOT NULL DEFAULT false,
    recorded_at   timestamptz,
    UNIQUE (callback_id, part_id)
);

-- The newest answer to each question: sealed with the facts of its month, words apart under the customer's key.
CREATE TABLE answer (
    callback_id  text NOT NULL,
    part_id      text NOT NULL,
    question_id  text NOT NULL,
    customer_ref text NOT NULL,
    sealed       text NOT NULL,
    said         text,
    elapsed_ms   integer,
    answered_at  timestamptz NOT NULL,
    PRIMARY KEY (callback_id, part_id, question_id)
);
CREATE INDEX answer_customer ON answer (customer_ref) WHERE said IS NOT NULL;

CREATE TABLE promise (
    promise_id   text PRIMARY KEY,
    response_id  text NOT NULL,
    callback_id  text NOT NULL,
    customer_ref text NOT NULL,
    what         text,
    department   text NOT NULL,
    due_at       timestamptz NOT NULL,
    made_at      timestamptz NOT NULL,
    made_by      text NOT NULL
);
CREATE INDEX promise_callback ON promise (callback_id);
CREATE INDEX promise_customer ON promise (customer_ref);

-- Who is not to be contacted, by blind index of a number or an address. asked_at: the wish was spoken here, before
-- scheduler has told of it; a lifting that is older than the wish changes nothing.
CREATE TABLE suppression (
    contact_index text NOT NULL,
    scope         text NOT NULL,
    state         text NOT NULL,
    sequence      bigint NOT NULL DEFAULT 0,
    asked_at      timestamptz,
    PRIMARY KEY (contact_index, scope)
);

CREATE TABLE erased_customer (
    customer_ref text PRIMARY KEY,
    erased_at    timestamptz NOT NULL
);
