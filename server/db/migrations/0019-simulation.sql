-- What was deleted is part of what happened: a simulation finds it by its patient. Few rows, and none of them is searched otherwise.
CREATE INDEX resource_patient_deleted ON resource (patient, type) WHERE deleted AND patient IS NOT NULL;

-- Simulations that take longer than a caller waits (server/plans/simulation/). Whoever works on one says so again and again; one that nobody
-- has worked on for a while is begun anew by another.
CREATE TABLE simulation_job (
  id           text        COLLATE "C" PRIMARY KEY,
  plan         text        COLLATE "C" NOT NULL,   -- id of the PlanDefinition that is tried
  asked        jsonb       NOT NULL,
  requested_by text        NOT NULL,               -- only whoever asked may see it
  client       text        NOT NULL,
  state        text        NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
  progress     jsonb       NOT NULL DEFAULT '{}',
  result       text,                               -- Parameters, as they are sent; an OperationOutcome when it failed
  requested_at timestamptz NOT NULL,
  alive_at     timestamptz,
  finished_at  timestamptz,
  CHECK ((result IS NOT NULL) = (state IN ('done', 'failed')))
);
CREATE INDEX simulation_job_at_work ON simulation_job (requested_at) WHERE state IN ('waiting', 'running');
