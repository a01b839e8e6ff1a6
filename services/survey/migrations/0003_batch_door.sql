-- Answers gathered elsewhere name the completion, not the callback.
CREATE INDEX callback_service ON callback (source, service_id);
