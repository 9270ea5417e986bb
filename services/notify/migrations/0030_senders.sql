-- Who has a delivery in hand. A sender holds an advisory lock under its id for as long as it lives
-- (mtnet_chassis.presence), so that what a dead one had in hand is known at once and given back.
-- lease_id stays for processes of the release before this one, which may still be running beside this one.
ALTER TABLE delivery ADD COLUMN sender_id uuid;
-- How often the provider put it off, and since when: an outage counts for neither.
ALTER TABLE delivery ADD COLUMN deferrals integer NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN deferred_since timestamptz;
-- The last answer may have been about us: such deliveries go out as soon as the provider accepts others again.
ALTER TABLE delivery ADD COLUMN doubtful boolean NOT NULL DEFAULT false;

CREATE INDEX delivery_in_hand ON delivery (sender_id) WHERE sender_id IS NOT NULL;
CREATE INDEX delivery_doubtful ON delivery (channel) WHERE doubtful AND state = 'waiting';
-- Was anybody accepted between two moments? Attempts are written in the order of time.
CREATE INDEX attempt_by_time ON attempt USING brin (at) WITH (pages_per_range = 16);

-- What waits already was put off as often as it was tried.
UPDATE delivery SET deferrals = attempts, deferred_since = message.created_at
FROM message
WHERE delivery.message_id = message.message_id AND delivery.state = 'waiting' AND delivery.attempts > 0;
