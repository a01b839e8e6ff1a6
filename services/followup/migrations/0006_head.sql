-- The hash that ends a case's history stands with the case too: the last row cannot be rewritten with a hash of its own.
ALTER TABLE case_file ADD COLUMN chain_head text;
UPDATE case_file SET chain_head = last.hash
FROM (SELECT DISTINCT ON (case_id) case_id, hash FROM case_history ORDER BY case_id, sequence DESC) AS last
WHERE last.case_id = case_file.case_id;
