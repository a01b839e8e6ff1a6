-- What comes round by the calendar and belongs to no address book: when it is due next. NULL: not yet worked out.
CREATE TABLE turn (
    name    text PRIMARY KEY,
    next_at timestamptz
);
INSERT INTO turn (name) VALUES ('suggestion_lists');
