-- Cards that were given to an EHR (CDS Hooks), so that what a clinician says of one can be told to the service that gave it.
CREATE TABLE cds_card (
  card_id     uuid PRIMARY KEY,
  service_id  text NOT NULL,
  -- Issuer of the EHR that it was given to; another cannot say anything of it.
  issuer      text NOT NULL,
  given_at    timestamptz NOT NULL DEFAULT now(),
  outcome     text CHECK (outcome IN ('accepted', 'overridden')),
  outcome_at  timestamptz,
  -- As CDS Hooks has it: acceptedSuggestions, overrideReason.
  feedback    jsonb
);
CREATE INDEX cds_card_given ON cds_card (given_at);
