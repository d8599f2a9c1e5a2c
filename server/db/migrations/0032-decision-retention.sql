-- Records of decisions are deleted when they are older than the setting DECISION_DAYS (docs/decisions/0039). What is left of them is how
-- many there were and until when, by enrolment: whoever asks for one that is gone is told so, and the count of a final summary stays true.
CREATE TABLE decision_pruned (
  care_plan      text        COLLATE "C" PRIMARY KEY,
  patient        text        COLLATE "C" NOT NULL,
  decision_count bigint      NOT NULL CHECK (decision_count > 0),
  decided_until  timestamptz NOT NULL   -- when the newest of them was made
);
CREATE INDEX decision_pruned_patient ON decision_pruned (patient);
