-- Both asked first which rows were missing. A session plans that once: over an empty table it chose to read every key of
-- the class, and kept to it until the table was analyzed. The conflict alone tells the same by the index.
CREATE OR REPLACE FUNCTION customer_refs(identities text[], fresh text[])
RETURNS TABLE (identity_index text, customer_ref text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO customer (customer_ref, identity_index)
    SELECT asked.customer_ref, asked.identity_index
    FROM unnest(identities, fresh) AS asked (identity_index, customer_ref)
    ORDER BY asked.identity_index
    ON CONFLICT DO NOTHING;
    RETURN QUERY SELECT customer.identity_index, customer.customer_ref
    FROM customer WHERE customer.identity_index = ANY (identities);
END $$;

CREATE OR REPLACE FUNCTION keys_of(wanted text, scopes text[], fresh bytea[])
RETURNS TABLE (scope text, wrapped bytea)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO key (class, scope, wrapped)
    SELECT wanted, asked.scope, asked.wrapped
    FROM unnest(scopes, fresh) AS asked (scope, wrapped)
    WHERE asked.wrapped IS NOT NULL
    ORDER BY asked.scope
    ON CONFLICT DO NOTHING;
    RETURN QUERY SELECT key.scope, key.wrapped FROM key WHERE key.class = wanted AND key.scope = ANY (scopes);
END $$;
