-- the customer's own words under the customer's text key: opened for the page of problems only, in no figure
CREATE TABLE verbatim (
    response_id text PRIMARY KEY,
    revision integer NOT NULL,
    completion_ref text NOT NULL,
    customer_ref text NOT NULL,
    texts_sealed text
);
CREATE INDEX verbatim_customer ON verbatim (customer_ref);
