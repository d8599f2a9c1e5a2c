-- Clients that prove themselves by a key, what a person has allowed each app, and keys that follow each other.

ALTER TABLE oauth_client
  DROP CONSTRAINT oauth_client_token_endpoint_auth_method_check,
  DROP CONSTRAINT oauth_client_check,
  DROP CONSTRAINT oauth_client_check1,
  ADD COLUMN jwks            jsonb,                                  -- public keys as registered, or
  ADD COLUMN jwks_uri        text,                                   -- where they are published
  ADD COLUMN launch_uris     text[]      NOT NULL DEFAULT '{}',      -- SMART: where an EHR opens the app
  ADD COLUMN cors_origins    text[]      NOT NULL DEFAULT '{}',      -- beside those of the redirect addresses
  ADD COLUMN client_uri      text,                                   -- about the app, for the people who use it
  ADD COLUMN contacts        text[]      NOT NULL DEFAULT '{}',
  ADD COLUMN consent         text        NOT NULL DEFAULT 'asked' CHECK (consent IN ('asked', 'implied')),
  ADD COLUMN dpop_bound_access_tokens boolean NOT NULL DEFAULT false,
  ADD COLUMN registration_hash text,                                 -- RFC 7592: hash of the token that may change this client
  ADD COLUMN registered_by   text,
  ADD COLUMN registered_at   timestamptz NOT NULL DEFAULT now(),
  ADD CONSTRAINT oauth_client_authentication CHECK (CASE token_endpoint_auth_method
    WHEN 'none'                THEN num_nonnulls(secret_hash, jwks, jwks_uri) = 0 AND NOT 'client_credentials' = ANY (grant_types)
    WHEN 'client_secret_basic' THEN secret_hash IS NOT NULL AND num_nonnulls(jwks, jwks_uri) = 0
    WHEN 'private_key_jwt'     THEN secret_hash IS NULL AND num_nonnulls(jwks, jwks_uri) = 1
    ELSE false END);

-- Beside the launch context: whose authorization it is and how long it is meant for, so that the person can see it and end it.
ALTER TABLE grant_context
  ADD COLUMN client_id    text,
  ADD COLUMN account_id   text,
  ADD COLUMN scope        text        NOT NULL DEFAULT '',
  ADD COLUMN access_type  text        NOT NULL DEFAULT 'once' CHECK (access_type IN ('once', 'online', 'offline')),
  ADD COLUMN session_uid  text,                                      -- `online` ends with this session of the browser
  ADD COLUMN login        jsonb       NOT NULL DEFAULT '{}',         -- how the person had signed in: provider, level, organisation
  ADD COLUMN granted_at   timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN used_at      timestamptz NOT NULL DEFAULT now();
CREATE INDEX grant_context_account ON grant_context (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX grant_context_session ON grant_context (session_uid) WHERE session_uid IS NOT NULL;

-- A key is published before it signs, and stays published after, so that nobody meets a signature whose key is unknown.
ALTER TABLE authorization_key
  DROP CONSTRAINT authorization_key_use_check,
  ALTER COLUMN jwk DROP NOT NULL,
  ADD COLUMN sealed     text,                                        -- the same as a JWE, where a key to seal with is configured
  ADD COLUMN signs_from timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN ends_at    timestamptz,
  ADD CONSTRAINT authorization_key_use CHECK (use IN ('sig', 'cookie', 'dpop')),
  ADD CONSTRAINT authorization_key_once CHECK (num_nonnulls(jwk, sealed) = 1);

-- Whatever ends a token tells every process, so that none remembers it: a revocation, a client or an account that is gone or
-- may do less, and also a statement typed by an administrator.
CREATE FUNCTION tell_authorization_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('authorization', TG_ARGV[0]);
  RETURN NULL;
END $$;
CREATE TRIGGER oidc_artifact_ended AFTER DELETE ON oidc_artifact FOR EACH ROW
  WHEN (OLD.model IN ('AccessToken', 'ClientCredentials', 'Grant')) EXECUTE FUNCTION tell_authorization_changed('token');
CREATE TRIGGER account_changed AFTER UPDATE OR DELETE ON account FOR EACH STATEMENT EXECUTE FUNCTION tell_authorization_changed('token');
CREATE TRIGGER oauth_client_changed AFTER INSERT OR UPDATE OR DELETE ON oauth_client FOR EACH STATEMENT EXECUTE FUNCTION tell_authorization_changed('client');
CREATE TRIGGER authorization_key_changed AFTER INSERT OR UPDATE OR DELETE ON authorization_key FOR EACH STATEMENT EXECUTE FUNCTION tell_authorization_changed('key');

-- The person an EHR opens the app for, who may never have signed in here before.
ALTER TABLE launch ADD COLUMN fhir_user text;
