-- What the release of a pending permit will tell, but for what is sealed; null: it is made at the release. It holds until
-- notice_until under the policies of that version, and is forgotten when the callback changes or the permit is released.
ALTER TABLE permit ADD COLUMN notice text, ADD COLUMN notice_until timestamptz, ADD COLUMN notice_policy text;
-- A row with its plan and its notice stays in its page: moving either out would cost more at each release than it saves.
ALTER TABLE permit SET (toast_tuple_target = 8160);
