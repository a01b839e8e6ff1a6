-- The pilot in which the tune was drawn by chance; NULL: nobody drew, and the tune is compared with none.
ALTER TABLE contact_attempt ADD COLUMN tune_pilot text;
