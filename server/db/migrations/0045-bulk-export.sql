-- Exports of many resources (Bulk Data): what was asked for, and by whom. No files: lines are read, as they were at `taken_at`, from the
-- versions when they are fetched, so that an access that has ended gives nothing any more. docs/access.md.
CREATE TABLE bulk_export (
  id           uuid        PRIMARY KEY,
  client       text        NOT NULL,   -- only whoever asked may see it
  actor        text        NOT NULL,
  asked        jsonb       NOT NULL,
  taken_at     timestamptz NOT NULL,   -- what was stored then, by the clock of the resources
  requested_at timestamptz NOT NULL DEFAULT now(),
  -- Transactions that were running a moment after; once all before this one are over, nothing older than `taken_at` comes any more.
  settled_at   xid8,
  expires_at   timestamptz NOT NULL
);
CREATE INDEX bulk_export_end ON bulk_export (expires_at);
