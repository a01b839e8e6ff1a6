-- Accounts, sessions, tokens and the audit trail. Services hold no right on the tables, only on the functions.

CREATE TABLE staff.account (
    account_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    login text NOT NULL UNIQUE CHECK (login = lower(login) AND login <> ''),
    name text NOT NULL,
    role text NOT NULL,
    department text,
    skills text[] NOT NULL DEFAULT '{}',
    language text NOT NULL,
    password_hash text NOT NULL,
    disabled boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    signed_in_at timestamptz,
    CHECK (role <> 'department' OR department IS NOT NULL)
);

CREATE TABLE staff.session (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    account_id uuid NOT NULL REFERENCES staff.account,
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX session_account ON staff.session (account_id);

CREATE TABLE staff.token (
    token_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    role text NOT NULL,
    source text,
    department text,
    label text NOT NULL DEFAULT '',
    issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_at timestamptz,
    CHECK (role <> 'crm' OR source IS NOT NULL),
    CHECK (role <> 'department' OR department IS NOT NULL)
);

-- The login is kept as a hash: people type their password into the wrong field.
CREATE TABLE staff.sign_in_attempt (
    attempted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    login_hash bytea NOT NULL,
    address text NOT NULL
);
CREATE INDEX sign_in_attempt_login ON staff.sign_in_attempt (login_hash, attempted_at);
CREATE INDEX sign_in_attempt_address ON staff.sign_in_attempt (address, attempted_at);
CREATE INDEX sign_in_attempt_age ON staff.sign_in_attempt (attempted_at);

CREATE TABLE staff.audit (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id uuid NOT NULL,
    actor_name text NOT NULL,
    actor_role text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    reason text,
    detail jsonb NOT NULL DEFAULT '{}'
);

CREATE FUNCTION staff.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = staff, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is insert-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_is_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON staff.audit
    FOR EACH STATEMENT EXECUTE FUNCTION staff.refuse_change();

CREATE FUNCTION staff.create_account(
    p_login text, p_name text, p_role text, p_department text, p_skills text[], p_language text, p_password_hash text
) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = staff, pg_temp AS $$
    INSERT INTO staff.account (login, name, role, department, skills, language, password_hash)
    VALUES (p_login, p_name, p_role, p_department, p_skills, p_language, p_password_hash)
    RETURNING account_id
$$;

CREATE FUNCTION staff.accounts() RETURNS TABLE (
    account_id uuid, login text, name text, role text, department text, skills text[], language text,
    disabled boolean, signed_in_at timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = staff, pg_temp AS $$
    SELECT a.account_id, a.login, a.name, a.role, a.department, a.skills, a.language, a.disabled, a.signed_in_at
    FROM staff.account a ORDER BY a.disabled, a.role, a.login
$$;

CREATE FUNCTION staff.set_disabled(p_account_id uuid, p_disabled boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = staff, pg_temp AS $$
BEGIN
    UPDATE staff.account SET disabled = p_disabled WHERE account_id = p_account_id;
    IF NOT FOUND THEN RETURN false; END IF;
    IF p_disabled THEN DELETE FROM staff.session WHERE account_id = p_account_id; END IF;
    RETURN true;
END $$;

CREATE FUNCTION staff.set_password(p_account_id uuid, p_password_hash text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = staff, pg_temp AS $$
BEGIN
    UPDATE staff.account SET password_hash = p_password_hash WHERE account_id = p_account_id;
    IF NOT FOUND THEN RETURN false; END IF;
    DELETE FROM staff.session WHERE account_id = p_account_id;
    RETURN true;
END $$;

-- At most 10 attempts per login and 60 per address in 15 minutes; a success clears the login's own count.
CREATE FUNCTION staff.begin_sign_in(
    p_login text, p_login_hash bytea, p_address text,
    OUT account_id uuid, OUT password_hash text, OUT retry_after interval
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = staff, pg_temp AS $$
DECLARE
    span CONSTANT interval := '15 minutes';
    now_ CONSTANT timestamptz := clock_timestamp();
    by_login timestamptz[];
    by_address timestamptz[];
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('sign-in ' || p_address, 0));
    PERFORM pg_advisory_xact_lock(hashtextextended('sign-in ' || encode(p_login_hash, 'hex'), 1));
    DELETE FROM staff.sign_in_attempt s WHERE s.attempted_at < now_ - span;
    SELECT array_agg(s.attempted_at ORDER BY s.attempted_at) INTO by_login
        FROM staff.sign_in_attempt s WHERE s.login_hash = p_login_hash;
    SELECT array_agg(s.attempted_at ORDER BY s.attempted_at) INTO by_address
        FROM staff.sign_in_attempt s WHERE s.address = p_address;
    IF cardinality(by_login) >= 10 OR cardinality(by_address) >= 60 THEN
        retry_after := greatest(
            CASE WHEN cardinality(by_login) >= 10 THEN by_login[1] END,
            CASE WHEN cardinality(by_address) >= 60 THEN by_address[1] END
        ) + span - now_;
        RETURN;
    END IF;
    INSERT INTO staff.sign_in_attempt (attempted_at, login_hash, address) VALUES (now_, p_login_hash, p_address);
    SELECT a.account_id, a.password_hash INTO account_id, password_hash
        FROM staff.account a WHERE a.login = p_login AND NOT a.disabled;
END $$;

CREATE FUNCTION staff.open_session(p_account_id uuid, p_token_hash bytea, p_login_hash bytea, p_address text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = staff, pg_temp AS $$
    DELETE FROM staff.session WHERE opened_at < clock_timestamp() - interval '1 day';
    DELETE FROM staff.sign_in_attempt WHERE login_hash = p_login_hash AND address = p_address;
    UPDATE staff.account SET signed_in_at = clock_timestamp() WHERE account_id = p_account_id;
    INSERT INTO staff.session (token_hash, account_id)
    SELECT p_token_hash, a.account_id FROM staff.account a WHERE a.account_id = p_account_id AND NOT a.disabled;
$$;

-- Seen at most once a minute, so that a page view is rarely a write.
CREATE FUNCTION staff.session_person(p_token_hash bytea, p_idle interval, p_absolute interval) RETURNS TABLE (
    account_id uuid, login text, name text, role text, department text, skills text[], language text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = staff, pg_temp AS $$
#variable_conflict use_column
DECLARE
    now_ CONSTANT timestamptz := clock_timestamp();
    seen timestamptz;
BEGIN
    SELECT s.seen_at INTO seen FROM staff.session s
        WHERE s.token_hash = p_token_hash AND s.seen_at > now_ - p_idle AND s.opened_at > now_ - p_absolute;
    IF NOT FOUND THEN RETURN; END IF;
    IF seen < now_ - interval '1 minute' AND NOT pg_is_in_recovery() THEN
        UPDATE staff.session s SET seen_at = now_ WHERE s.token_hash = p_token_hash;
    END IF;
    RETURN QUERY SELECT a.account_id, a.login, a.name, a.role, a.department, a.skills, a.language
        FROM staff.session s JOIN staff.account a USING (account_id)
        WHERE s.token_hash = p_token_hash AND NOT a.disabled;
END $$;

CREATE FUNCTION staff.close_session(p_token_hash bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = staff, pg_temp AS $$
    DELETE FROM staff.session WHERE token_hash = p_token_hash
$$;

CREATE FUNCTION staff.issue_token(p_token_hash bytea, p_role text, p_source text, p_department text, p_label text)
RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = staff, pg_temp AS $$
    INSERT INTO staff.token (token_hash, role, source, department, label)
    VALUES (p_token_hash, p_role, p_source, p_department, p_label) RETURNING token_id
$$;

CREATE FUNCTION staff.revoke_token(p_token_id uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = staff, pg_temp AS $$
BEGIN
    UPDATE staff.token SET revoked_at = clock_timestamp() WHERE token_id = p_token_id AND revoked_at IS NULL;
    RETURN FOUND;
END $$;

CREATE FUNCTION staff.token_person(p_token_hash bytea)
RETURNS TABLE (token_id uuid, role text, source text, department text, label text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = staff, pg_temp AS $$
    SELECT t.token_id, t.role, t.source, t.department, t.label
    FROM staff.token t WHERE t.token_hash = p_token_hash AND t.revoked_at IS NULL
$$;

CREATE FUNCTION staff.record_audit(
    p_actor_id uuid, p_actor_name text, p_actor_role text, p_action text, p_subject text, p_reason text, p_detail text
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = staff, pg_temp AS $$
    INSERT INTO staff.audit (actor_id, actor_name, actor_role, action, subject, reason, detail)
    VALUES (p_actor_id, p_actor_name, p_actor_role, p_action, p_subject, p_reason, p_detail::jsonb)
$$;

CREATE FUNCTION staff.audit_page(p_before bigint, p_limit integer, p_actor text) RETURNS TABLE (
    "position" bigint, at timestamptz, actor_name text, actor_role text, action text, subject text, reason text
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = staff, pg_temp AS $$
    SELECT a.position, a.at, a.actor_name, a.actor_role, a.action, a.subject, a.reason
    FROM staff.audit a
    WHERE (p_before IS NULL OR a.position < p_before) AND (p_actor IS NULL OR a.actor_name = p_actor)
    ORDER BY a.position DESC LIMIT p_limit
$$;

-- The auditor reads every schema, but no hash that could be attacked: of this one only the trail.
REVOKE ALL ON ALL TABLES IN SCHEMA staff FROM PUBLIC, aftercall_auditor;
GRANT SELECT ON staff.audit TO aftercall_auditor;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA staff FROM PUBLIC;
GRANT USAGE ON SCHEMA staff TO aftercall_services;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA staff TO aftercall_services;
