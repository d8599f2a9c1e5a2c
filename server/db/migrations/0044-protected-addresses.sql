-- Whose address must not be told (fortrolig, strengt fortrolig): kept beside the resource that says so, as relations are, so that it
-- counts in the same statement as the access decision. docs/decisions/0049.
CREATE TABLE protected_address (
  bucket      smallint NOT NULL,              -- the resource that says it
  rk          bigint   NOT NULL,
  degree      text     COLLATE "C" NOT NULL,  -- server/access/address/protection.ts
  patient     text     COLLATE "C",           -- id: it counts for all that is about this patient; NULL: for the resource alone
  compartment bigint                          -- as in relation
);
CREATE INDEX protected_address_row ON protected_address (bucket, rk);
CREATE INDEX protected_address_patient ON protected_address (patient);
CREATE INDEX protected_address_compartment ON protected_address (compartment);

-- What is stored already may say so too: the worker of reindex_job puts it down.
INSERT INTO reindex_job (parameter, type, code, keys, starts_at)
SELECT '_access', type, '_access', '{}', now() + make_interval(secs => place / 1000.0)
  FROM unnest(ARRAY['Patient', 'Person', 'RelatedPerson', 'Location', 'Practitioner']) WITH ORDINALITY AS t(type, place)
 WHERE EXISTS (SELECT FROM resource r WHERE r.type = t.type AND NOT r.deleted)
    ON CONFLICT (parameter, type) DO UPDATE
   SET starts_at = excluded.starts_at, rk = 0, bucket = 0, done = 0, total = NULL, finished_at = NULL;
