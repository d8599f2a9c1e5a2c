-- The process engine: how far it has read, the clocks it has set, what it decided and what it could not handle.

-- The feed in 16 parts by the patient's bucket. A worker locks the parts it works on, so several can share the work while the
-- order within a patient is kept; a worker that is killed leaves its parts where they were.
CREATE TABLE engine_cursor (
  partition smallint PRIMARY KEY CHECK (partition BETWEEN 0 AND 15),
  xid       xid8     NOT NULL DEFAULT '0',
  seq       bigint   NOT NULL DEFAULT 0
);
INSERT INTO engine_cursor (partition) SELECT generate_series(0, 15);
-- "The events of part p after (xid, seq), in order": one descent and then a walk along the leaves, however long the feed is.
CREATE INDEX event_partition ON event ((bucket % 16), xid, seq);

-- A clock of one enrolment. There is one row as long as the CarePlan is active; each ring and each measurement moves it.
CREATE TABLE timer (
  care_plan text        COLLATE "C" NOT NULL,   -- id of the CarePlan
  plan      text        COLLATE "C" NOT NULL,   -- url of the PlanDefinition, without the version
  action    text        COLLATE "C" NOT NULL,   -- id of the action in it
  patient   text        COLLATE "C" NOT NULL,
  partition smallint    NOT NULL CHECK (partition BETWEEN 0 AND 15),
  due_at    timestamptz NOT NULL,
  PRIMARY KEY (care_plan, plan, action)
);
CREATE INDEX timer_due ON timer (due_at);

-- Why a Task was made, joined or taken back: every condition with what it saw. Never changed, only added to.
CREATE TABLE decision (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  decided_at timestamptz NOT NULL,
  patient    text        COLLATE "C" NOT NULL,
  care_plan  text        COLLATE "C" NOT NULL,
  plan       text        COLLATE "C" NOT NULL,  -- url|version
  happening  text        NOT NULL,              -- Observation/1/_history/1, or the action and moment of a clock
  tasks      text[]      COLLATE "C" NOT NULL,  -- ids of the Tasks that came of it
  trace      jsonb       NOT NULL
);
CREATE INDEX decision_patient ON decision (patient, decided_at DESC);
CREATE INDEX decision_tasks ON decision USING gin (tasks);

-- What made the engine fail, again and again. The feed goes on behind it; a Task tells the team, a row tells the operator.
CREATE TABLE engine_set_aside (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  set_aside_at timestamptz NOT NULL,
  patient      text        COLLATE "C",
  happening    text        NOT NULL,
  error        text        NOT NULL
);
