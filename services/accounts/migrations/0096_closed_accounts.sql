-- Closed accounts, by when they were closed: the clean-up reads the oldest only.
CREATE INDEX account_closed ON account (closed_at) WHERE state = 'closed';
