-- A timer serves any moment that must come, not only those of a plan's periodic triggers: what kind of moment it is, what it is
-- about, its name among those, and a little that whoever decides then should know. See server/decide/timer.ts for the kinds.
ALTER TABLE timer ADD COLUMN kind text COLLATE "C", ADD COLUMN about text COLLATE "C", ADD COLUMN payload jsonb;
UPDATE timer SET kind = 'rule', about = 'CarePlan/' || care_plan;
ALTER TABLE timer DROP CONSTRAINT timer_pkey;
ALTER TABLE timer RENAME COLUMN action TO name;
ALTER TABLE timer
  DROP COLUMN care_plan,
  ALTER COLUMN kind SET NOT NULL,
  ALTER COLUMN about SET NOT NULL,
  ALTER COLUMN plan SET DEFAULT '',          -- '' where no plan is behind it
  ALTER COLUMN patient DROP NOT NULL,        -- a plan that comes into force is about no patient
  ADD CONSTRAINT timer_about_is_reference CHECK (about ~ '^[A-Za-z]+/.'),
  ADD CONSTRAINT timer_payload_is_small CHECK (octet_length(payload::text) <= 4096),
  -- About first: "all timers of this resource" is then a walk along the same index.
  ADD PRIMARY KEY (about, kind, plan, name);
