-- What came of telling the author of a suggestion is looked up by the suggestion.
CREATE INDEX callback_end_suggestion ON callback_end (suggestion_id) WHERE suggestion_id IS NOT NULL;
