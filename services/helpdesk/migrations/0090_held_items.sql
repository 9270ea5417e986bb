-- What was held is let in or discarded, by somebody, for a reason; and files that nobody could scan are found again.
ALTER TABLE inbound_item DROP CONSTRAINT inbound_item_state_check;
ALTER TABLE inbound_item
    ADD CONSTRAINT inbound_item_state_check
        CHECK (state IN ('stored', 'recorded', 'own', 'held', 'discarded')),
    -- More than a person writes: of one sender, or in one thread.
    ADD COLUMN held_because text CHECK (held_because IN ('sender', 'thread')),
    ADD COLUMN decided_by text CHECK (length(decided_by) <= 100),
    ADD COLUMN decided_because text CHECK (length(decided_because) <= 300),
    ADD COLUMN decided_at timestamptz;
CREATE INDEX attachment_not_scanned ON attachment (attachment_id) WHERE held_back = 'not_scanned';
