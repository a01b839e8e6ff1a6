-- A customer is known by the blind index of (source, customer_id); the reference is random and says nothing.
CREATE TABLE customer (
    customer_ref   text PRIMARY KEY,
    identity_index text NOT NULL UNIQUE,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    erased_at      timestamptz
);

-- A key is wrapped by the master key, which is never here. A destroyed key leaves its row, so that none takes its place.
-- Vacuum at the first dead row: the old version of a destroyed key should not stay on disk.
CREATE TABLE key (
    class        text NOT NULL CHECK (class IN ('contact', 'text', 'facts', 'letter')),
    scope        text NOT NULL,
    wrapped      bytea,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    destroyed_at timestamptz,
    PRIMARY KEY (class, scope),
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000);

-- The customer_ref of each identity; one that is new gets the reference offered for it.
CREATE FUNCTION customer_refs(identities text[], fresh text[])
RETURNS TABLE (identity_index text, customer_ref text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO customer (customer_ref, identity_index)
    SELECT asked.customer_ref, asked.identity_index
    FROM unnest(identities, fresh) AS asked (identity_index, customer_ref)
    WHERE NOT EXISTS (SELECT FROM customer WHERE customer.identity_index = asked.identity_index)
    ORDER BY asked.identity_index
    ON CONFLICT DO NOTHING;
    RETURN QUERY SELECT customer.identity_index, customer.customer_ref
    FROM customer WHERE customer.identity_index = ANY (identities);
END $$;

-- The stored keys of a class; a scope without one gets the key offered for it. A destroyed key comes as NULL.
CREATE FUNCTION keys_of(wanted text, scopes text[], fresh bytea[])
RETURNS TABLE (scope text, wrapped bytea)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO key (class, scope, wrapped)
    SELECT wanted, asked.scope, asked.wrapped
    FROM unnest(scopes, fresh) AS asked (scope, wrapped)
    WHERE asked.wrapped IS NOT NULL
      AND NOT EXISTS (SELECT FROM key WHERE key.class = wanted AND key.scope = asked.scope)
    ORDER BY asked.scope
    ON CONFLICT DO NOTHING;
    RETURN QUERY SELECT key.scope, key.wrapped FROM key WHERE key.class = wanted AND key.scope = ANY (scopes);
END $$;

-- A function per class, because the right to execute it is the right to the class.
CREATE FUNCTION contact_keys(scopes text[], fresh bytea[]) RETURNS TABLE (scope text, wrapped bytea)
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$ SELECT * FROM keys_of('contact', scopes, fresh) $$;

CREATE FUNCTION text_keys(scopes text[], fresh bytea[]) RETURNS TABLE (scope text, wrapped bytea)
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$ SELECT * FROM keys_of('text', scopes, fresh) $$;

CREATE FUNCTION facts_keys(scopes text[], fresh bytea[]) RETURNS TABLE (scope text, wrapped bytea)
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$ SELECT * FROM keys_of('facts', scopes, fresh) $$;

CREATE FUNCTION letter_keys(scopes text[], fresh bytea[]) RETURNS TABLE (scope text, wrapped bytea)
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$ SELECT * FROM keys_of('letter', scopes, fresh) $$;

-- Contact and text of a customer can never be opened again. Facts stay: past figures do not move.
-- A class without a key gets a destroyed one, so that a late writer can not make it anew.
CREATE FUNCTION erase(erased text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    UPDATE customer SET erased_at = clock_timestamp() WHERE customer_ref = erased AND erased_at IS NULL;
    INSERT INTO key (class, scope, wrapped, destroyed_at)
    VALUES ('contact', erased, NULL, clock_timestamp()), ('text', erased, NULL, clock_timestamp())
    ON CONFLICT (class, scope) DO UPDATE SET wrapped = NULL, destroyed_at = clock_timestamp()
    WHERE key.destroyed_at IS NULL;
$$;

-- Destroys the keys of dead letters whose whole week ended more than 30 days ago; returns their weeks.
CREATE FUNCTION destroy_old_letter_keys() RETURNS SETOF text
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    UPDATE key SET wrapped = NULL, destroyed_at = clock_timestamp()
    WHERE class = 'letter' AND destroyed_at IS NULL
      AND to_date(scope, 'IYYY"-W"IW') + 7 + 30 <= (clock.business_now() AT TIME ZONE 'UTC')::date
    RETURNING scope;
$$;

GRANT USAGE ON SCHEMA vault TO aftercall_auditor;
GRANT EXECUTE ON FUNCTION facts_keys(text[], bytea[]) TO aftercall_auditor;
