-- What runs for one patient: asked at each change of their plan, and for each of their results, to see whether anything waits for it.
CREATE INDEX timer_patient ON timer (patient, kind) WHERE patient IS NOT NULL;
