-- Plans are read with their deleted versions, for who is enrolled in one stays with it. `resource_type` holds what is not deleted;
-- without this, a million Observations are looked through for a handful of definitions each time one of them changes.
CREATE INDEX resource_deleted ON resource (type, rk) WHERE deleted;
