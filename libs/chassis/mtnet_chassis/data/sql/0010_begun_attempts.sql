-- Events that a handler group has in hand for a second time or later, each with how often handling it was begun and
-- not ended. A row outlives its process: one that is found again belongs to a process that died.
CREATE TABLE begun_attempt (
    handler  text        NOT NULL,
    event_id uuid        NOT NULL,
    times    integer     NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (handler, event_id)
);
CREATE INDEX begun_attempt_by_age ON begun_attempt (begun_at);
