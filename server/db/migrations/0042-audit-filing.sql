-- By what the records of a block are found is put down afterwards, for many blocks at once, and no longer with each block: who waits for a
-- block to be written waits for its lines alone. docs/decisions/0048.

-- The blocks `first` to `last` of a chain. What is behind the last filing of a chain is not filed yet and is looked at one by one.
CREATE TABLE audit_filing (
  month  date        NOT NULL CHECK (extract(day FROM month) = 1),
  chain  bigint      NOT NULL,
  first  integer     NOT NULL CHECK (first >= 0),
  last   integer     NOT NULL CHECK (last >= first),
  since  timestamptz NOT NULL,                     -- when the earliest of them was recorded
  until  timestamptz NOT NULL CHECK (until >= since),
  tokens text[]      COLLATE "C" NOT NULL,         -- patient, agent, client, code, what
  PRIMARY KEY (month, chain, last, first)
) PARTITION BY RANGE (month);

CREATE INDEX audit_filing_until ON audit_filing (until);

CREATE TRIGGER audit_filing_append_only BEFORE UPDATE OR DELETE ON audit_filing FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_filing_not_emptied BEFORE TRUNCATE ON audit_filing FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
REVOKE UPDATE, DELETE, TRUNCATE ON audit_filing FROM PUBLIC, CURRENT_USER;

-- The partitions of a month, made beforehand. Triggers for each statement are not handed down to partitions, nor are rights.
CREATE OR REPLACE FUNCTION make_audit_month(wanted date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  parent text;
  name text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['audit_block', 'audit_filing'] LOOP
    name := parent || '_' || to_char(wanted, 'YYYYMM');
    CONTINUE WHEN to_regclass(name) IS NOT NULL;
    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', name, parent, wanted, (wanted + interval '1 month')::date);
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()', parent || '_not_emptied', name);
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM PUBLIC, CURRENT_USER', name);
  END LOOP;
END $$;

-- A month that there is already has its filings too.
SELECT make_audit_month(to_date(right(relname, 6), 'YYYYMM'))
  FROM pg_class JOIN pg_inherits ON oid = inhrelid
 WHERE inhparent = 'audit_block'::regclass AND relname ~ '^audit_block_[0-9]{6}$';

INSERT INTO audit_filing (month, chain, first, last, since, until, tokens)
SELECT month, chain, block, block, recorded_at, recorded_at, tokens FROM audit_block;

CREATE INDEX audit_filing_tokens ON audit_filing USING gin (tokens) WITH (gin_pending_list_limit = 1024);

ALTER TABLE audit_block DROP COLUMN tokens;
