-- The newest answer to each question by its place (part/question): [sealed with the facts of its month, milliseconds that
-- the customer took or null]; said: the words by the same place, sealed under the customer's key, gone at an erasure.
ALTER TABLE interview ADD COLUMN answers jsonb NOT NULL DEFAULT '{}', ADD COLUMN said jsonb NOT NULL DEFAULT '{}';
-- what is sealed does not get smaller by compression
ALTER TABLE interview ALTER COLUMN answers SET STORAGE EXTERNAL, ALTER COLUMN said SET STORAGE EXTERNAL;

UPDATE interview SET answers = told.answers, said = told.said
FROM (
    SELECT callback_id,
        jsonb_object_agg(part_id || '/' || question_id, jsonb_build_array(sealed, elapsed_ms)) AS answers,
        coalesce(
            jsonb_object_agg(part_id || '/' || question_id, said) FILTER (WHERE said IS NOT NULL), '{}'
        ) AS said
    FROM answer GROUP BY callback_id
) AS told
WHERE interview.callback_id = told.callback_id;
DROP TABLE answer;
