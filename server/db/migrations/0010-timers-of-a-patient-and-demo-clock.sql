-- What runs for one patient: asked at each change of their plan, and for each of their results, to see whether anything waits for it.
CREATE INDEX timer_patient ON timer (patient, kind) WHERE patient IS NOT NULL;

-- How far the clock of a demo is ahead of the machine's: days can pass there at once. A server without demo mode never reads it.
CREATE TABLE demo_clock (
  only_row           boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  ahead_milliseconds bigint  NOT NULL DEFAULT 0 CHECK (ahead_milliseconds >= 0)
);
INSERT INTO demo_clock DEFAULT VALUES;
