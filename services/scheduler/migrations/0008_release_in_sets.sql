-- What a release must look at, beside the notice and forgotten with it, so that permits which break no rule are found and
-- released set by set: from when its starts are lawful, whose wishes and budget it is about (the person first), of which
-- completion (under a name that no join of an older process knows), whether it counts against the budget, and whether
-- the cap is asked.
ALTER TABLE permit ADD COLUMN notice_from timestamptz, ADD COLUMN subjects text[], ADD COLUMN notice_about text,
    ADD COLUMN counts boolean, ADD COLUMN capped boolean;
-- A release changes no indexed column of its callback: the new row stays in the page, and no index is written.
ALTER TABLE callback SET (fillfactor = 50);
