-- A version may run in shadow beside the one in force: that it began, and ended, are acts with it as the others are.
ALTER TABLE plan_act DROP CONSTRAINT plan_act_act_check;
ALTER TABLE plan_act ADD CONSTRAINT plan_act_act_check CHECK (act IN (
  'submit', 'approve', 'schedule', 'activate', 'stage', 'roll-back', 'retire', 'migrate', 'undo-migration', 'shadow', 'end-shadow'));
