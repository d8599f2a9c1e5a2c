-- Thousands of these come in a second where many are told: each row paid for a check of its Subscription, which the statement that writes it
-- has just changed, and for a place in an order by time, in which they come anyway.
ALTER TABLE subscription_event DROP CONSTRAINT subscription_event_subscription_fkey;
DROP INDEX subscription_event_age;
CREATE INDEX subscription_event_age ON subscription_event USING brin (recorded_at);
