-- By which version of the agents' shifts a permit was released: while processes are replaced, two may be at work at once.
ALTER TABLE permit ADD COLUMN shifts text;
