-- Messages to national services are kept for as long as the server is, one for each measurement, and nearly all of them are done with. What metrics
-- count and what is watched for being late is the few that are not, and the dead (server/senders/standing.ts, late-watch.ts).
CREATE INDEX outgoing_message_waiting ON outgoing_message (receiver, organization, queued_at, number) INCLUDE (state, caused_at)
 WHERE state IN ('queued', 'sent', 'failed');
CREATE INDEX outgoing_message_dead ON outgoing_message (receiver, organization) WHERE state = 'dead';
