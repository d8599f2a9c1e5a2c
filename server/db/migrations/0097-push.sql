-- Web Push (server/push/): where a person's devices are reached, and what waits to be told. Nothing of anybody's health: that there is something
-- to do, and no more.
CREATE TABLE push_key (                           -- VAPID; subscriptions are good for the key that they were made with
  only_one      boolean     PRIMARY KEY DEFAULT true CHECK (only_one),
  jwk           jsonb,
  sealed        text,
  CHECK (num_nonnulls(jwk, sealed) = 1)
);

CREATE TABLE push_subscription (
  id            text        COLLATE "C" PRIMARY KEY,   -- digest of the endpoint: one a device
  patient       text        COLLATE "C" NOT NULL,      -- id
  access        jsonb       NOT NULL,                  -- by whose sign-in; ends with it
  endpoint      text        NOT NULL,
  p256dh        text        NOT NULL,                  -- the device's keys: https://www.rfc-editor.org/rfc/rfc8291
  auth          text        NOT NULL,
  language      text        NOT NULL CHECK (language IN ('nb', 'nn', 'en')),
  quiet_from    smallint    CHECK (quiet_from BETWEEN 0 AND 1439),    -- minutes of the Norwegian day
  quiet_until   smallint    CHECK (quiet_until BETWEEN 0 AND 1439),
  created_at    timestamptz NOT NULL DEFAULT now(),
  CHECK ((quiet_from IS NULL) = (quiet_until IS NULL) AND quiet_from <> quiet_until)
);
CREATE INDEX push_subscription_patient ON push_subscription (patient);

CREATE TABLE push_notice (                        -- one a device: however much there is to do, it is told once
  subscription  text        COLLATE "C" PRIMARY KEY REFERENCES push_subscription ON DELETE CASCADE,
  due_at        timestamptz NOT NULL,
  until         timestamptz NOT NULL,             -- what could not be told by then is not told any more
  attempts      smallint    NOT NULL DEFAULT 0
);
CREATE INDEX push_notice_due ON push_notice (due_at);

CREATE TABLE push_place (                         -- how far the feed was read
  only_one      boolean     PRIMARY KEY DEFAULT true CHECK (only_one),
  xid           xid8        NOT NULL,
  seq           bigint      NOT NULL
);
CREATE INDEX event_of_reminding ON event (xid, seq) WHERE type = 'CommunicationRequest';
