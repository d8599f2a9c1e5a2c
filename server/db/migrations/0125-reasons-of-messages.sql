-- Why a message is failed, withheld or dead is kept as a code with what is filled in (server/core/decide/words/sending-reason.ts), so that
-- whoever reads it is told in their language. What was put down in English until now stays as it was said. Few rows have a reason.
ALTER TABLE outgoing_message ADD COLUMN why jsonb;
UPDATE outgoing_message SET why = jsonb_build_object('code', 'other', 'values', jsonb_build_object('said', reason)) WHERE reason IS NOT NULL;
ALTER TABLE outgoing_message DROP COLUMN reason;
