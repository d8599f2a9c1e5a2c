-- People who sign in at an identity provider, and what it said of them.

-- What is known of the person's latest sign-in: provider, security level, HPR number, organisation. Never a national number.
ALTER TABLE account ADD COLUMN login jsonb NOT NULL DEFAULT '{}';

-- A sign-in that is under way somewhere else. `state_hash` is all that comes back from there; the rest proves that it is ours.
CREATE TABLE login_attempt (
  state_hash    text        PRIMARY KEY,
  provider      text        NOT NULL,
  uid           text        NOT NULL,                                -- the interaction that waits for it
  nonce         text        NOT NULL,
  code_verifier text        NOT NULL,
  dpop_key      jsonb       NOT NULL,                                -- private; gone with the row
  expires_at    timestamptz NOT NULL
);
