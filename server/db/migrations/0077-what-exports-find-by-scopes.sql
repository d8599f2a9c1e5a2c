-- What the searches of an export have found is of whoever came with these scopes, and stays as it was found: others find their own beside
-- it. Which scopes those are stands as the beginning of a hash: see scopesKey in store/export-rows.ts.
DELETE FROM bulk_export_found WHERE export IN (SELECT id FROM bulk_export WHERE contents IS NULL);
ALTER TABLE bulk_export_found ADD COLUMN scopes uuid;
UPDATE bulk_export_found f
   SET scopes = left(encode(sha256(convert_to(array_to_string(ARRAY(
         SELECT s.scope FROM jsonb_array_elements_text(b.contents->'scopes') WITH ORDINALITY AS s (scope, place) ORDER BY s.place), ' '),
         'UTF8')), 'hex'), 32)::uuid
  FROM bulk_export b WHERE b.id = f.export;
ALTER TABLE bulk_export_found DROP CONSTRAINT bulk_export_found_pkey, ADD PRIMARY KEY (export, scopes, type, rk, bucket);

-- Of which types it has been written down, even where nothing was found.
CREATE TABLE bulk_export_narrowed (
  export uuid NOT NULL REFERENCES bulk_export (id) ON DELETE CASCADE,
  scopes uuid NOT NULL,
  type   text COLLATE "C" NOT NULL,
  PRIMARY KEY (export, scopes, type)
);
INSERT INTO bulk_export_narrowed (export, scopes, type) SELECT DISTINCT export, scopes, type FROM bulk_export_found;
