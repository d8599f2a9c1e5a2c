-- Events up to this sequence may have been read before, in the database that this one was restored from (server/plans/cursor.ts): what
-- they led to is looked for, so that it is not made twice. Until now every event that was more than a minute old was taken for one,
-- and an engine that had fallen behind looked for each of them what it could not find.
ALTER TABLE engine_cursor ADD COLUMN read_before_seq bigint NOT NULL DEFAULT 0;
UPDATE engine_cursor SET read_before_seq = coalesce((SELECT seq FROM event WHERE xid = '0' ORDER BY xid DESC, seq DESC LIMIT 1), 0);
