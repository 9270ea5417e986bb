-- Events to send. The relay reads by position and deletes what the broker confirmed: no cursor, so a row that
-- commits late is sent late and never skipped. CACHE 1 keeps positions of one aggregate in its own order.
CREATE TABLE outbox (
    position    bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY,
    event_id    uuid        NOT NULL,
    name        text        NOT NULL,
    aggregate   text        NOT NULL,
    subject     text        NOT NULL,
    sequence    bigint      NOT NULL,
    occurred_at timestamptz NOT NULL,
    traceparent text,
    payload     text        NOT NULL
) WITH (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0, vacuum_truncate = false
);

-- The last sequence number of each aggregate. Announcing takes this row's lock, so events of one aggregate are
-- numbered and positioned in the order in which their transactions commit.
CREATE TABLE aggregate_sequence (
    aggregate text   NOT NULL,
    subject   text   NOT NULL,
    sequence  bigint NOT NULL,
    PRIMARY KEY (aggregate, subject)
) WITH (fillfactor = 70);

-- Rows that can never be sent (too large, not encodable), with the reason.
CREATE TABLE outbox_dead (
    position    bigint      PRIMARY KEY,
    event_id    uuid        NOT NULL,
    name        text        NOT NULL,
    aggregate   text        NOT NULL,
    subject     text        NOT NULL,
    sequence    bigint      NOT NULL,
    occurred_at timestamptz NOT NULL,
    traceparent text,
    payload     text        NOT NULL,
    reason      text        NOT NULL,
    died_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_dead_by_aggregate ON outbox_dead (aggregate, subject);

-- Which events a handler group has applied. `day` comes from the event's id (UUIDv7), so it is the same on every
-- delivery, and old days can be removed at once.
CREATE TABLE inbox (
    handler  text NOT NULL,
    day      date NOT NULL,
    event_id uuid NOT NULL,
    PRIMARY KEY (handler, day, event_id)
);

-- Ordered groups: how far each aggregate has been applied, and what came too early.
CREATE TABLE stream_position (
    handler  text   NOT NULL,
    stream   text   NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (handler, stream)
) WITH (fillfactor = 70);

CREATE TABLE parked_event (
    handler   text        NOT NULL,
    stream    text        NOT NULL,
    sequence  bigint      NOT NULL,
    headers   jsonb       NOT NULL,
    body      bytea       NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (handler, stream, sequence)
);

-- What a call with an idempotency key answered, so that asking again does nothing again.
CREATE TABLE idempotency_key (
    caller       text        NOT NULL,
    call         text        NOT NULL,
    key          text        NOT NULL,
    request_hash bytea       NOT NULL,
    reply        jsonb,
    answered_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller, call, key)
);
CREATE INDEX idempotency_key_by_age ON idempotency_key (answered_at);
