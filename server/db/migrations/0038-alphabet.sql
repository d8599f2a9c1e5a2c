-- Æ, ø and å come after z in the Norwegian alphabet, while a search folds them into other letters. `place` is what a text is sorted by
-- where that is another than `value` (search/alphabet.ts); most texts need none.
ALTER TABLE search_string ADD COLUMN place text COLLATE "C";

-- What is stored already gets its place in the background; until then it stands where its folded text does. Types that come in
-- masses, and are sorted by no name, keep what they have until they are written again.
INSERT INTO reindex_job (parameter, type, code, keys, starts_at)
SELECT '_alphabet', r.type, '_alphabet', array_agg(DISTINCT s.key), now() + interval '3 seconds'
  FROM search_string s JOIN resource r USING (bucket, rk)
 WHERE r.type IN ('Patient', 'Person', 'RelatedPerson', 'Practitioner', 'Organization', 'Location', 'HealthcareService', 'CareTeam',
                  'Group', 'Endpoint', 'InsurancePlan', 'PlanDefinition', 'ActivityDefinition', 'Questionnaire', 'Library',
                  'ValueSet', 'CodeSystem', 'StructureDefinition')
 GROUP BY r.type;
