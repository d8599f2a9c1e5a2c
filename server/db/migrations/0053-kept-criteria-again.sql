-- Whoever searches for the same again is given the id that lies here already: the link of each page has one, not only that of the next.
CREATE INDEX kept_criteria_again ON kept_criteria (caller, md5(criteria));
