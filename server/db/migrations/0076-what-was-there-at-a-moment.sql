-- What could be seen when somebody was told a moment as the one up to which they have everything: what was still being written then
-- belongs to what comes after it, whatever time stands on it. See store/moments.ts.
CREATE TABLE told_moment (
  at   timestamptz PRIMARY KEY,   -- by the clock of the resources
  seen pg_snapshot NOT NULL
);

-- What the searches of an export (_typeFilter) have found, all in one statement: what changes later moves nothing in or out.
CREATE TABLE bulk_export_found (
  export uuid     NOT NULL REFERENCES bulk_export (id) ON DELETE CASCADE,
  type   text     COLLATE "C" NOT NULL,
  rk     bigint   NOT NULL,
  bucket smallint NOT NULL,
  PRIMARY KEY (export, type, rk, bucket)
);
