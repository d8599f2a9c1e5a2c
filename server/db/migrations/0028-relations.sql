-- Who has to do with whom, and what patients have closed: kept beside the resources that say so, in the same transaction, so that
-- the access decision is part of each statement and an ended relation counts from the next one on. `bucket, rk` is the resource
-- that says it: when that changes, its rows go and new ones come. docs/decisions/0035.

-- A member belongs to a group while it lasts: a person to a role, a role to an organisation, that to its parent, anyone to a team.
-- `code:system|code` as a group is what a role or a qualification says somebody is.
CREATE TABLE membership (
  bucket  smallint    NOT NULL,
  rk      bigint      NOT NULL,
  member  text        COLLATE "C" NOT NULL,
  grp     text        COLLATE "C" NOT NULL,
  from_at timestamptz NOT NULL,
  to_at   timestamptz NOT NULL
);
CREATE INDEX membership_row ON membership (bucket, rk);
CREATE INDEX membership_member ON membership (member);

-- A grantee has to do with a patient while it lasts.
CREATE TABLE relation (
  bucket  smallint    NOT NULL,
  rk      bigint      NOT NULL,
  grantee text        COLLATE "C" NOT NULL,
  patient text        COLLATE "C" NOT NULL,   -- id
  compartment bigint  NOT NULL,               -- hash of the token by which types without a patient of their own tell of one
  kind    text        NOT NULL,               -- server/store/relations/relation-row.ts lists them
  from_at timestamptz NOT NULL,
  to_at   timestamptz NOT NULL,
  types   text[]      COLLATE "C",            -- only these resource types; NULL: all
  codes   bigint[]                            -- only what has one of these tokens; NULL: all
);
CREATE INDEX relation_row ON relation (bucket, rk);
CREATE INDEX relation_patient ON relation (patient, grantee);
CREATE INDEX relation_grantee ON relation (grantee, patient);
CREATE INDEX relation_compartment ON relation (compartment, grantee);

-- What is closed to whom. What a row does not name, it does not ask for. An exception opens what the rule of its number closes.
CREATE TABLE restriction (
  bucket      smallint    NOT NULL,
  rk          bigint      NOT NULL,
  rule        smallint    NOT NULL,
  exception   boolean     NOT NULL,
  patient     text        COLLATE "C" NOT NULL,  -- id
  compartment bigint      NOT NULL,              -- as in relation
  whom        text[]      COLLATE "C" NOT NULL,  -- grantees, or @everyone, @patient, @next-of-kin
  from_at     timestamptz NOT NULL,
  to_at       timestamptz NOT NULL,
  types       text[]      COLLATE "C",
  codes       bigint[],
  labels      bigint[],
  data        text[]      COLLATE "C",           -- Type/id
  low         timestamptz,                       -- of what was done within [low, high)
  high        timestamptz
);
CREATE INDEX restriction_row ON restriction (bucket, rk);
CREATE INDEX restriction_patient ON restriction (patient);
CREATE INDEX restriction_compartment ON restriction (compartment);

-- A version is judged by its own date too; of what was left behind before now it is not known, which counts as inside.
ALTER TABLE resource_version ADD COLUMN date_low timestamptz, ADD COLUMN date_high timestamptz;

-- What is stored already says who has to do with whom: the worker of reindex_job puts it down, the small types first.
INSERT INTO reindex_job (parameter, type, code, keys, starts_at)
SELECT '_access', type, '_access', '{}', now() + make_interval(secs => place / 1000.0)
  FROM unnest(ARRAY['Consent', 'Organization', 'Practitioner', 'PractitionerRole', 'CareTeam', 'RelatedPerson', 'EpisodeOfCare',
                    'CarePlan', 'Patient', 'Device', 'Task', 'Account', 'Appointment', 'AuditEvent', 'Basic', 'Communication',
                    'Group', 'List', 'MeasureReport', 'Person', 'Provenance', 'Schedule']) WITH ORDINALITY AS t(type, place)
 WHERE EXISTS (SELECT FROM resource r WHERE r.type = t.type AND NOT r.deleted);
