-- What closes here is told to national services (server/senders/). A receiver follows the feed from the moment it was switched on; its place is
-- here as long as it is on.
CREATE TABLE outgoing_place (
  receiver      text    COLLATE "C" NOT NULL,
  organization  text    COLLATE "C" NOT NULL,   -- organisation number of whose journal it is
  xid           xid8    NOT NULL,
  seq           bigint  NOT NULL,
  PRIMARY KEY (receiver, organization)
);
-- Only what receivers look at.
CREATE INDEX event_of_closing ON event (xid, seq) WHERE type IN ('Task', 'Communication');

-- One row a message: what caused it, not what it says. What it says is worked out when it is sent, from what the receiver may see then.
CREATE TABLE outgoing_message (
  id            uuid        PRIMARY KEY,          -- of receiver, organization and cause: the same for ever
  number        bigint      GENERATED ALWAYS AS IDENTITY,   -- messages about one patient go out in this order
  receiver      text        COLLATE "C" NOT NULL,
  organization  text        COLLATE "C" NOT NULL,
  patient       text        COLLATE "C" NOT NULL,           -- id
  cause         text        COLLATE "C" NOT NULL,           -- Task/1/_history/5
  actor         text        COLLATE "C" NOT NULL,           -- who closed it
  caused_at     timestamptz NOT NULL,
  queued_at     timestamptz NOT NULL,             -- when it was put here, or sent anew by somebody
  -- queued, sent (under way, or nobody knows whether it came), failed (is tried again), accepted (received), journaled (in the journal),
  -- withheld (the receiver may not see it), dead (somebody must look at it)
  state         text        NOT NULL DEFAULT 'queued'
                            CHECK (state IN ('queued', 'sent', 'failed', 'accepted', 'journaled', 'withheld', 'dead')),
  attempts      integer     NOT NULL DEFAULT 0,
  due_at        timestamptz NOT NULL,             -- when something is to be done with it next
  accepted_at   timestamptz,
  journaled_at  timestamptz,
  location      text,                             -- what the receiver calls it
  reason        text,                             -- why it is failed, withheld or dead
  UNIQUE (receiver, organization, cause)
);
CREATE INDEX outgoing_message_open ON outgoing_message (receiver, organization, patient, number) WHERE state IN ('queued', 'sent', 'failed');
CREATE INDEX outgoing_message_next ON outgoing_message (receiver, organization, number) WHERE state IN ('queued', 'sent', 'failed');
CREATE INDEX outgoing_message_accepted ON outgoing_message (receiver, organization, due_at) WHERE state = 'accepted';
CREATE INDEX outgoing_message_number ON outgoing_message (number);
