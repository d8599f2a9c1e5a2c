-- Who publishes documents looks at nothing else in the feed (server/senders/mhd/).
CREATE INDEX event_of_document ON event (xid, seq) WHERE type = 'DocumentReference';
