-- What was searched for, where it must not stand in the address of the next page: a national identity number. For a day.
CREATE TABLE kept_criteria (
  id       uuid        PRIMARY KEY,
  caller   text        NOT NULL,   -- the client and the person, who alone may go on with it
  criteria text        NOT NULL,
  kept_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX kept_criteria_kept ON kept_criteria (kept_at);
