-- Every decision in which a rule was woken is kept, also when nothing came of it, with what it looked at by version: it can be
-- explained and made again, and "why was there no Task?" has an answer. Rows from before have no inputs and no digest.

ALTER TABLE decision
  -- json, not jsonb: what was never stored as a version stands here whole, and must come back byte by byte
  ADD COLUMN inputs json,
  -- SHA-256 of everything that was decided
  ADD COLUMN digest text COLLATE "C",
  -- which source of the deciding core it was
  ADD COLUMN core   text COLLATE "C",
  -- can be worked out anew; kept where Tasks came of it
  ALTER COLUMN trace DROP NOT NULL;

-- Most decisions make no Task, and shall cost this index nothing.
DROP INDEX decision_tasks;
CREATE INDEX decision_tasks ON decision USING gin (tasks) WHERE tasks <> '{}';
