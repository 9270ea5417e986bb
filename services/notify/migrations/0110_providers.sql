-- What all processes know together of the provider of a channel: until when its pace is taken, and its circuit breaker.
CREATE TABLE provider (
    channel        text PRIMARY KEY,
    free_at        timestamptz NOT NULL DEFAULT '-infinity',
    cooldowns      integer NOT NULL DEFAULT 0,
    cooldown_until timestamptz,
    outage         boolean NOT NULL DEFAULT false,
    -- What it answered last, in codes, and since when it has been as it is.
    answer         text NOT NULL DEFAULT '',
    since          timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- How much went out, by the day in Taipei. `delay`: how many of 1 s, 10 s, 1 min, 10 min, 1 h it took longer than.
CREATE TABLE delivery_count (
    day     date NOT NULL,
    channel text NOT NULL,
    kind    text NOT NULL,
    outcome text NOT NULL,
    delay   smallint NOT NULL,
    -- Each writer has rows of its own.
    shard   smallint NOT NULL,
    n       bigint NOT NULL,
    PRIMARY KEY (day, channel, kind, outcome, delay, shard)
) WITH (fillfactor = 50);
