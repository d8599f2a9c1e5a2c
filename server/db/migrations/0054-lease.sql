-- What bears one name is done by one after the other, in all processes; see server/store/lease.ts. What is here has no worth after a crash.
CREATE UNLOGGED TABLE lease (
  name   bigint      PRIMARY KEY,   -- a hash: names may hold what was searched for
  holder uuid        NOT NULL,
  until  timestamptz NOT NULL
);
