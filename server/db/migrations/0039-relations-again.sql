-- What was stored before says too much of who has to do with whom: somebody who is no longer active, and what is released later of a
-- type without one patient. The worker of reindex_job puts it down anew, the small types first.
INSERT INTO reindex_job (parameter, type, code, keys, starts_at)
SELECT '_access', type, '_access', '{}', now() + make_interval(secs => 3 + place / 1000.0)
  FROM unnest(ARRAY['Practitioner', 'PractitionerRole', 'Account', 'Appointment', 'Basic', 'Communication', 'Device', 'Group', 'List',
                    'MeasureReport', 'Person', 'Provenance', 'Schedule']) WITH ORDINALITY AS t(type, place)
 WHERE EXISTS (SELECT FROM resource r WHERE r.type = t.type AND NOT r.deleted)
    ON CONFLICT (parameter, type) DO UPDATE
   SET starts_at = excluded.starts_at, rk = 0, bucket = 0, done = 0, total = NULL, finished_at = NULL;
