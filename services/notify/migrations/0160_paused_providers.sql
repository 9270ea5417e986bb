-- A provider that an operator has paused takes nothing until it is resumed, at no process.
ALTER TABLE provider
    ADD COLUMN paused_at timestamptz,
    ADD COLUMN paused_by text NOT NULL DEFAULT '',
    ADD COLUMN pause_reason text NOT NULL DEFAULT '';

-- How much went out, by the hour, for today's chart. A day later it is in `delivery_count` alone.
CREATE TABLE delivery_hour (
    hour    timestamptz NOT NULL,
    channel text NOT NULL,
    outcome text NOT NULL,
    shard   smallint NOT NULL,
    n       bigint NOT NULL,
    PRIMARY KEY (hour, channel, outcome, shard)
) WITH (fillfactor = 50);
