-- Which definitions a decision used, each in its version, and the codes of the value sets they filter by: the same for every decision of one
-- version of a plan, and half of the text of a record. Said once for each set of them; a decision names it. Sets are few, and never change.
CREATE TABLE decision_definitions (
  hash        text COLLATE "C" PRIMARY KEY,  -- SHA-256 of `definitions`, as it stands there
  definitions json NOT NULL                  -- { plan, activities, valueSets }, as core/decide/decision-record.ts has them
);

-- NULL in rows from before, whose inputs name the definitions themselves, and where nothing was kept.
ALTER TABLE decision ADD COLUMN definitions text COLLATE "C";
