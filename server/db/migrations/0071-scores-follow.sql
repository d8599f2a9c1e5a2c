-- How far has been read what happens to measurements that are stored already (server/plans/scores-follow.ts): what was worked out from one
-- that is corrected or withdrawn follows it. It starts with what comes from now on.
CREATE TABLE score_cursor (
  one  boolean PRIMARY KEY DEFAULT true CHECK (one),
  xid  xid8    NOT NULL,
  seq  bigint  NOT NULL
);
INSERT INTO score_cursor (xid, seq)
SELECT coalesce((SELECT xid FROM event ORDER BY xid DESC, seq DESC LIMIT 1), '0'),
       coalesce((SELECT seq FROM event ORDER BY xid DESC, seq DESC LIMIT 1), 0);
-- Only what it reads: a measurement that comes and stays as it is does not pay for it.
CREATE INDEX event_of_changed_observation ON event (xid, seq) WHERE type = 'Observation' AND version > 1;
