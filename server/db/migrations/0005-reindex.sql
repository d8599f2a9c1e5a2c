-- A search parameter that was added finds only what has been indexed for it. One row for each type that it is for, as long as it
-- is in use; a worker takes older resources through the index in order of their key, and leaves its place here in the same
-- transaction, so that one that is killed goes on where it was.
CREATE TABLE reindex_job (
  parameter   text        COLLATE "C" NOT NULL,   -- id of the SearchParameter
  type        text        COLLATE "C" NOT NULL,
  code        text        COLLATE "C" NOT NULL,
  keys        integer[]   NOT NULL,               -- the paths that it looks at (search/search-key.ts); others need another round
  starts_at   timestamptz NOT NULL,               -- when every process writes with the parameter; see store/reindex/jobs.ts
  rk          bigint      NOT NULL DEFAULT 0,     -- everything up to here is done
  bucket      smallint    NOT NULL DEFAULT 0,
  done        integer     NOT NULL DEFAULT 0,     -- resources that were looked at
  total       integer,                            -- resources that there were when it began; NULL until then
  finished_at timestamptz,
  PRIMARY KEY (parameter, type)
);
CREATE INDEX reindex_job_waiting ON reindex_job (starts_at) WHERE finished_at IS NULL;
