-- A type's newest, of all patients: `code=…&date=ge…&_sort=-date` would otherwise gather every match before it knows the newest.
-- 54 bytes for each resource; inserting is not measurably slower, since dates come nearly in order.
-- The key is always above 0: only a search that says so too can use this index. A search for one patient does not say it
-- (search/compile.ts), because a planner without statistics would take it for as good as the patient's own.
CREATE INDEX resource_type_date ON resource (type, date_low DESC NULLS LAST, rk DESC) WHERE NOT deleted AND rk > 0;
