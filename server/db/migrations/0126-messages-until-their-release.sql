-- A message that is withheld because its patient may not see yet what it tells of goes when they may (server/senders/kept-back.ts).
ALTER TABLE outgoing_message ADD COLUMN released_at timestamptz;
CREATE INDEX outgoing_message_released ON outgoing_message (receiver, organization, released_at)
 WHERE state = 'withheld' AND released_at IS NOT NULL;
