-- Who may ask for what, and everything that the authorization server has to remember between two requests.

-- A client as an administrator registered it. `allowed_scope` is the most it can ever get.
CREATE TABLE oauth_client (
  client_id              text        PRIMARY KEY CHECK (client_id ~ '^[A-Za-z0-9._~-]{1,64}$' AND client_id <> 'fylgje'),
  client_name            text        NOT NULL,
  token_endpoint_auth_method text    NOT NULL CHECK (token_endpoint_auth_method IN ('none', 'client_secret_basic')),
  secret_hash            bytea       CHECK (length(secret_hash) = 32),     -- SHA-256: a secret is made by us, with 256 bits
  grant_types            text[]      NOT NULL,
  redirect_uris          text[]      NOT NULL DEFAULT '{}',
  allowed_scope          text        NOT NULL,
  token_lifetime_seconds integer     NOT NULL DEFAULT 300 CHECK (token_lifetime_seconds BETWEEN 1 AND 3600),
  demo                   boolean     NOT NULL DEFAULT false,               -- exists in demo mode alone
  CHECK ((token_endpoint_auth_method = 'client_secret_basic') = (secret_hash IS NOT NULL)),
  CHECK (token_endpoint_auth_method <> 'none' OR NOT 'client_credentials' = ANY (grant_types))
);

-- A person who can sign in, and the FHIR resource that the person is.
CREATE TABLE account (
  account_id    text    PRIMARY KEY,
  name          text    NOT NULL,
  fhir_user     text    NOT NULL CHECK (fhir_user ~ '^(Patient|Practitioner|PractitionerRole|RelatedPerson|Person)/[A-Za-z0-9.-]{1,64}$'),
  allowed_scope text    NOT NULL,
  demo          boolean NOT NULL DEFAULT false
);

-- The library's own objects: sessions, interactions, grants, codes, tokens. `id` is a hash where knowing it is enough to use it.
CREATE TABLE oidc_artifact (
  model       text        NOT NULL,
  id          text        NOT NULL,
  payload     jsonb       NOT NULL,
  grant_id    text,
  uid         text,
  consumed_at timestamptz,
  expires_at  timestamptz,
  PRIMARY KEY (model, id)
);
CREATE INDEX oidc_artifact_grant ON oidc_artifact (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX oidc_artifact_uid ON oidc_artifact (model, uid) WHERE uid IS NOT NULL;
CREATE INDEX oidc_artifact_expiry ON oidc_artifact (expires_at) WHERE expires_at IS NOT NULL;

-- What an EHR has told us before it opens an app. Used once, and only for a short while.
CREATE TABLE launch (
  launch_hash text        PRIMARY KEY,
  client_id   text        NOT NULL REFERENCES oauth_client ON DELETE CASCADE,
  account_id  text        REFERENCES account ON DELETE CASCADE,            -- the only person who may use it, if it is said
  context     jsonb       NOT NULL,                                        -- members of the token response: patient, encounter, intent
  expires_at  timestamptz NOT NULL,
  used_at     timestamptz
);

-- The launch context of ONE authorization. Never looked up by session or client: another launch has another patient.
CREATE TABLE grant_context (
  grant_id   text        PRIMARY KEY,
  context    jsonb       NOT NULL,
  expires_at timestamptz NOT NULL
);

-- Keys that sign ID tokens and cookies. Made at the first start; the newest signs, all that are here still verify.
CREATE TABLE authorization_key (
  kid        text        PRIMARY KEY,
  use        text        NOT NULL CHECK (use IN ('sig', 'cookie')),
  jwk        jsonb       NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
