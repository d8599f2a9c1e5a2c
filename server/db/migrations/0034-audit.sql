-- Who has done what with whose data: written once, never changed, and chained so that a change would show. docs/decisions/0041.

-- Records that were written together lie in one row. `lines` has one line for each: the beginning of its hash, a space, JSON; the first
-- line says what is true of all of them (chain, number, time, who). A hash is SHA-256 over the hash before it and the line. A chain belongs to one writer
-- at a time and to one month, so that an old month can be dropped whole without breaking any chain.
CREATE TABLE audit_block (
  month       date        NOT NULL CHECK (extract(day FROM month) = 1),
  chain       bigint      NOT NULL CHECK (chain > 0),
  block       integer     NOT NULL CHECK (block >= 0),
  recorded_at timestamptz NOT NULL,
  head        text        COLLATE "C" NOT NULL CHECK (length(head) = 43),  -- the last line's hash, base64url
  lines       text        NOT NULL,
  tokens      text[]      COLLATE "C" NOT NULL,                            -- by what its records are found: patient, agent, client, code
  PRIMARY KEY (month, chain, block)
) PARTITION BY RANGE (month);

CREATE INDEX audit_block_recorded ON audit_block (recorded_at, chain, block);
CREATE INDEX audit_block_tokens ON audit_block USING gin (tokens) WITH (fastupdate = on, gin_pending_list_limit = 1024);

-- lz4 is quicker than pglz, but not every PostgreSQL is built with it.
DO $$ BEGIN
  IF (SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression') THEN
    ALTER TABLE audit_block ALTER COLUMN lines SET COMPRESSION lz4;
  END IF;
END $$;

-- Nobody changes or removes what was written: not by a trigger's word, and not by a right. Whoever owns the table can take both away,
-- which is why the chain is there too.
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The audit is append-only: % of % is refused.', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_block_append_only BEFORE UPDATE OR DELETE ON audit_block FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_block_not_emptied BEFORE TRUNCATE ON audit_block FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
REVOKE UPDATE, DELETE, TRUNCATE ON audit_block FROM PUBLIC, CURRENT_USER;

-- The partition of a month, made beforehand. Triggers for each statement are not handed down to partitions, nor are rights.
CREATE FUNCTION make_audit_month(wanted date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  name text := 'audit_block_' || to_char(wanted, 'YYYYMM');
BEGIN
  IF to_regclass(name) IS NOT NULL THEN RETURN; END IF;
  EXECUTE format('CREATE TABLE %I PARTITION OF audit_block FOR VALUES FROM (%L) TO (%L)', name, wanted, (wanted + interval '1 month')::date);
  EXECUTE format('CREATE TRIGGER audit_block_not_emptied BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()', name);
  EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM PUBLIC, CURRENT_USER', name);
END $$;
SELECT make_audit_month((date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => ahead))::date) FROM generate_series(0, 2) AS ahead;
