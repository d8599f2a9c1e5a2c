-- Clinicians who have signed in by HelseID, where national APIs are asked as they (server/authorization-server/federation/kept-sign-ins.ts): the newest
-- sign-in of each, as long as HelseID lets it be refreshed. The token is sealed with KEY_ENCRYPTION_KEY.
CREATE TABLE kept_sign_in (
  fhir_user          text        COLLATE "C" PRIMARY KEY,   -- Practitioner/kari
  sealed             text        NOT NULL,                   -- JWE of the refresh token
  hpr_number         text,
  organization       text,                                   -- for which they signed in: of the legal entity, and of the unit
  organization_unit  text,
  expires_at         timestamptz NOT NULL
);
CREATE INDEX kept_sign_in_expiry ON kept_sign_in (expires_at);
