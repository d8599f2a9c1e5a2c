-- Final reports that are to be filed (server/operations/report-filing.ts): put down in the transaction that writes the report, and gone when it is filed.
-- What is withheld stays. Plans that ended before this table was there are not in it: their reports are filed by whoever asks for it.
CREATE TABLE report_to_file (
  care_plan  text        COLLATE "C" PRIMARY KEY,   -- id
  state      text        NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'withheld')),
  attempts   smallint    NOT NULL DEFAULT 0,
  next_at    timestamptz NOT NULL,
  reason     text                                   -- why it was not filed
);
CREATE INDEX report_to_file_next ON report_to_file (next_at) WHERE state = 'waiting';
