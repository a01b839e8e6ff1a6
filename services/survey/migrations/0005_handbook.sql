-- opened_at: when the opening had been read; counted from connected_at.
ALTER TABLE interview ADD COLUMN opened_at timestamptz;

-- A new demand is promised like anything else; its words go to the library of demands as well.
ALTER TABLE promise ADD COLUMN kind text NOT NULL DEFAULT 'promise' CHECK (kind IN ('promise', 'new_demand'));

-- Common questions and offers that agents have beside the script. A change is a new version, the newest one holds.
-- Empty scenarios, products or levels: for all of them. No personal data.
CREATE TABLE handbook (
    entry_id   text NOT NULL,
    version    integer NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('faq', 'offer')),
    title      text NOT NULL,
    body       text NOT NULL,
    scenarios  text[] NOT NULL,
    products   text[] NOT NULL,
    levels     text[] NOT NULL,
    valid_from  timestamptz,
    valid_until timestamptz,
    withdrawn  boolean NOT NULL DEFAULT false,
    written_by text NOT NULL,
    written_at timestamptz NOT NULL,
    PRIMARY KEY (entry_id, version)
);
CREATE INDEX handbook_kind ON handbook (kind, entry_id, version DESC);

-- What an agent used of it in a call, in the version of that moment.
CREATE TABLE handbook_use (
    callback_id  text NOT NULL REFERENCES callback,
    entry_id     text NOT NULL,
    version      integer NOT NULL,
    customer_ref text NOT NULL,
    outcome      text NOT NULL CHECK (outcome IN ('used', 'told', 'interested')),
    agent        text NOT NULL,
    used_at      timestamptz NOT NULL,
    PRIMARY KEY (callback_id, entry_id)
);
CREATE INDEX handbook_use_entry ON handbook_use (entry_id, used_at);

-- Records of a period, newest first.
CREATE INDEX contact_attempt_closed ON contact_attempt (closed_at) WHERE disposition <> 'not_attempted';

-- What every house is asked; supervisors word it anew on the page.
INSERT INTO handbook (entry_id, version, kind, title, body, scenarios, products, levels, written_by, written_at) VALUES
    ('why-me', 1, 'faq', '为什么给我打电话？', '我们对完成的服务做回访，了解是否解决了问题，用来改进服务。不推销，不需要任何付款。',
     '{}', '{}', '{}', 'Aftercall', '2026-01-01T00:00:00Z'),
    ('who-sees', 1, 'faq', '我的回答谁会看到？', '评分只用于统计；您反映的问题和原话交给负责处理的部门，您的电话号码不会给其他人。',
     '{}', '{}', '{}', 'Aftercall', '2026-01-01T00:00:00Z'),
    ('no-more', 1, 'faq', '以后不想再接到回访怎么办？', '现在告诉我就可以，收尾时选“不再联系”，我们不再以任何方式回访这个号码。',
     '{}', '{}', '{}', 'Aftercall', '2026-01-01T00:00:00Z'),
    ('when-answer', 1, 'faq', '我反映的问题什么时候有答复？', '登记承诺，告诉客户负责的部门和期限；到期之前会有人联系客户。',
     '{}', '{}', '{}', 'Aftercall', '2026-01-01T00:00:00Z');
