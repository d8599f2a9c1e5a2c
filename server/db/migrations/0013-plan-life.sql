-- The life of plans: who did what with which version, and the moving of patients from one version to another.

-- Every act with a version of a plan, in order. Never changed, only added to: an approval counts for the digest that it names, so
-- what is changed afterwards has none. The same is told as Provenance; this is what the server itself relies on.
CREATE TABLE plan_act (
  id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  plan      text        COLLATE "C" NOT NULL,   -- id of the PlanDefinition
  canonical text        COLLATE "C" NOT NULL,   -- url|version
  act       text        NOT NULL CHECK (act IN ('submit', 'approve', 'schedule', 'activate', 'stage', 'roll-back', 'retire', 'migrate', 'undo-migration')),
  actor     text        NOT NULL,
  digest    text        NOT NULL,               -- of the plan and all that it names, as they were
  acted_at  timestamptz NOT NULL,
  reason    text,
  detail    jsonb       NOT NULL DEFAULT '{}'
);
CREATE INDEX plan_act_plan ON plan_act (plan, id DESC);

-- Moving patients from one version of a plan to another, in batches, and back again.
CREATE TABLE plan_migration (
  id           text        COLLATE "C" PRIMARY KEY,        -- id of the Task that tells how far it is
  from_plans   text[]      COLLATE "C" NOT NULL,           -- url|version that patients come from
  to_plan      text        COLLATE "C" NOT NULL,           -- url|version that they go to
  requested_by text        NOT NULL,
  reason       text,
  state        text        NOT NULL CHECK (state IN ('moving', 'moved', 'undoing', 'undone')),
  created_at   timestamptz NOT NULL,
  finished_at  timestamptz
);
CREATE INDEX plan_migration_at_work ON plan_migration (created_at) WHERE state IN ('moving', 'undoing');
CREATE INDEX plan_migration_to ON plan_migration (to_plan);

-- One enrolment in such a move. `changes` is what was written, as it was before, so that undoing restores it.
CREATE TABLE plan_migration_item (
  migration text     COLLATE "C" NOT NULL REFERENCES plan_migration,
  care_plan text     COLLATE "C" NOT NULL,
  patient   text     COLLATE "C" NOT NULL,
  state     text     NOT NULL CHECK (state IN ('waiting', 'moved', 'skipped', 'undone', 'kept')),
  why       text,                                          -- of one that was skipped, or kept when it should have gone back
  changes   jsonb    NOT NULL DEFAULT '[]',
  PRIMARY KEY (migration, care_plan)
);
CREATE INDEX plan_migration_item_state ON plan_migration_item (migration, state);

-- How far the keeper of plans (server/plans/keeper.ts) has read what happens to enrolments. It starts with what comes from now on.
CREATE TABLE plan_keeper_cursor (
  one  boolean PRIMARY KEY DEFAULT true CHECK (one),
  xid  xid8    NOT NULL,
  seq  bigint  NOT NULL
);
INSERT INTO plan_keeper_cursor (xid, seq)
SELECT coalesce((SELECT xid FROM event ORDER BY xid DESC, seq DESC LIMIT 1), '0'),
       coalesce((SELECT seq FROM event ORDER BY xid DESC, seq DESC LIMIT 1), 0);
-- Only what it reads: measurements do not pay for it.
CREATE INDEX event_of_enrolment ON event (xid, seq) WHERE type IN ('CarePlan', 'Goal');
