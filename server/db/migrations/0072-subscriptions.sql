-- Who is told of what changes: what each Subscription has come to, and the numbered events of it. See server/subscriptions/.

-- By what right somebody is told: the access of whoever made the Subscription, without who they are now, which is looked up each time.
CREATE TABLE subscription_basis (
  id      text PRIMARY KEY,              -- a hash of the access
  access  jsonb NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE subscription (
  id               text        COLLATE "C" PRIMARY KEY,              -- of the Subscription
  version          integer     NOT NULL,                             -- of the version that this row has read
  content          text        NOT NULL,
  basis            text        NOT NULL REFERENCES subscription_basis,
  channel          text        NOT NULL CHECK (channel IN ('rest-hook', 'websocket', 'message')),
  status           text        NOT NULL CHECK (status IN ('requested', 'active', 'error', 'off')),
  reason           text,                                             -- why it is in error, or off
  activated        boolean     NOT NULL DEFAULT false,               -- has been active: from then on its events are numbered
  last_number      bigint      NOT NULL DEFAULT 0,
  delivered_number bigint      NOT NULL DEFAULT 0,                   -- not of websockets, each of which counts for itself
  failures         integer     NOT NULL DEFAULT 0,                   -- in a row
  due_at           timestamptz NOT NULL DEFAULT now(),               -- when something is to be sent: now, again, or a heartbeat
  claimed_by       uuid,                                             -- one sender at a time, so that what is sent keeps its order
  claimed_until    timestamptz,
  CHECK (delivered_number <= last_number)
);
CREATE INDEX subscription_due ON subscription (due_at) WHERE status IN ('requested', 'active');

CREATE TABLE subscription_event (
  subscription text        COLLATE "C" NOT NULL REFERENCES subscription ON DELETE CASCADE,
  number       bigint      NOT NULL,
  bucket       smallint    NOT NULL,
  rk           bigint      NOT NULL,
  version      integer     NOT NULL,
  type         text        COLLATE "C" NOT NULL,
  id           text        COLLATE "C" NOT NULL,
  interaction  text        NOT NULL CHECK (interaction IN ('create', 'update', 'delete')),
  patient      text        COLLATE "C",                              -- for the audit
  recorded_at  timestamptz NOT NULL,
  PRIMARY KEY (subscription, number)
);
CREATE INDEX subscription_event_age ON subscription_event (recorded_at);

-- How far the feed has been read for subscriptions. It starts with what comes from now on.
CREATE TABLE subscription_cursor (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  xid xid8    NOT NULL,
  seq bigint  NOT NULL
);
INSERT INTO subscription_cursor (xid, seq)
SELECT coalesce((SELECT xid FROM event ORDER BY xid DESC, seq DESC LIMIT 1), '0'),
       coalesce((SELECT seq FROM event ORDER BY xid DESC, seq DESC LIMIT 1), 0);

-- For a browser, which cannot send a header when it opens a socket: a word that binds it, once, for a short time.
CREATE TABLE subscription_binding (
  token         text        PRIMARY KEY,                             -- its hash
  subscriptions text[]      NOT NULL,
  basis         text        NOT NULL REFERENCES subscription_basis,
  expires_at    timestamptz NOT NULL
);
