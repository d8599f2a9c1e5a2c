-- What cannot be searched by equality alone: one row for each value, found by the key of its path (search/search-key.ts).
-- Written and cleared with the resource, in its statement. `bucket` comes first everywhere but in the lookups by value, so
-- that the tables can be distributed beside `resource`. `part` is the number of the repeating element that the value stands
-- in, for composites: the code and the value of one component, not of any two.

CREATE TABLE search_date (
  bucket smallint    NOT NULL,
  rk     bigint      NOT NULL,
  key    integer     NOT NULL,
  part   smallint    NOT NULL,
  low    timestamptz NOT NULL,   -- the interval [low, high) that the value's precision or period covers; may be infinite
  high   timestamptz NOT NULL
);
CREATE INDEX search_date_row ON search_date (bucket, rk);
CREATE INDEX search_date_value ON search_date (key, low, high);

CREATE TABLE search_string (
  bucket smallint NOT NULL,
  rk     bigint   NOT NULL,
  key    integer  NOT NULL,
  part   smallint NOT NULL,
  value  text     COLLATE "C" NOT NULL,  -- folded: no case, no accents; cut at 400 characters, so that a B-tree takes it
  exact  bigint   NOT NULL               -- hash of the text as it stands, for :exact
);
CREATE INDEX search_string_row ON search_string (bucket, rk);
CREATE INDEX search_string_value ON search_string (key, value);

CREATE TABLE search_number (
  bucket smallint         NOT NULL,
  rk     bigint           NOT NULL,
  key    integer          NOT NULL,
  part   smallint         NOT NULL,
  low    double precision NOT NULL,
  high   double precision NOT NULL
);
CREATE INDEX search_number_row ON search_number (bucket, rk);
CREATE INDEX search_number_value ON search_number (key, low);

-- A quantity as it was sent (low, high, units), and in UCUM's base units, where 5.4 g and 5400 mg are one value.
CREATE TABLE search_quantity (
  bucket    smallint         NOT NULL,
  rk        bigint           NOT NULL,
  key       integer          NOT NULL,
  part      smallint         NOT NULL,
  low       double precision NOT NULL,
  high      double precision NOT NULL,
  code      text             COLLATE "C",
  unit      text             COLLATE "C",  -- only where it differs from code
  system    text             COLLATE "C",  -- NULL for UCUM, '' for none
  base      text             COLLATE "C",  -- UCUM base units, such as g.m-3; NULL where there are none
  base_low  double precision,
  base_high double precision
);
CREATE INDEX search_quantity_row ON search_quantity (bucket, rk);
CREATE INDEX search_quantity_value ON search_quantity (key, low);

-- For :below and :above; equality is a token.
CREATE TABLE search_uri (
  bucket smallint NOT NULL,
  rk     bigint   NOT NULL,
  key    integer  NOT NULL,
  part   smallint NOT NULL,
  value  text     COLLATE "C" NOT NULL
);
CREATE INDEX search_uri_row ON search_uri (bucket, rk);
CREATE INDEX search_uri_value ON search_uri (key, value);

-- A token that is not among the known common ones counts as half as common as the rarest of these. With PostgreSQL's usual
-- hundred that is one row in two hundred, and a search for a rare code would walk the whole type instead of asking the index.
ALTER TABLE resource ALTER COLUMN tokens SET STATISTICS 400;
