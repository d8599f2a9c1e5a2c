-- What an export is made of, worked out once when it is ready: `{"files": [{"type", "after", "until"}], "hasDeleted"}`. The borders of
-- its files take a walk over all that is exported, and a manifest that is fetched anew is the same. NULL: not ready, or not asked for yet.
ALTER TABLE bulk_export ADD COLUMN contents jsonb;
