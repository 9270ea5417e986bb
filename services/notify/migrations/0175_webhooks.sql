-- Events of downstream systems that are sent to their webhooks (docs/subscribe.md).
CREATE TABLE webhook (
    webhook_id    uuid PRIMARY KEY, -- its system's id
    name          text        NOT NULL,
    title         text        NOT NULL,
    contact_email text        NOT NULL,
    url           text        NOT NULL,
    state         text        NOT NULL CHECK (state IN ('active', 'suspended', 'removed')), -- as accounts says
    secrets       jsonb       NOT NULL, -- sealed
    changed_at    timestamptz NOT NULL,
    paused_at     timestamptz, -- by an operator
    paused_by     text        NOT NULL DEFAULT '',
    pause_reason  text        NOT NULL DEFAULT '',
    stopped_at    timestamptz, -- its receiver has answered 410
    failing_since timestamptz, -- nothing has been taken since
    told_at       timestamptz, -- when its owner was told of that
    problem       text        NOT NULL DEFAULT ''
);

-- One event to one webhook. Those of one subject go one after another, in the order of `number`.
CREATE TABLE webhook_delivery (
    webhook_id      uuid        NOT NULL REFERENCES webhook ON DELETE CASCADE,
    number          bigint      GENERATED ALWAYS AS IDENTITY,
    event_id        uuid        NOT NULL,
    event           text        NOT NULL,
    subject         text        NOT NULL,
    attributes      jsonb       NOT NULL, -- of CloudEvents, and of the trace
    body            bytea       NOT NULL,
    state           text        NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    attempts        integer     NOT NULL DEFAULT 0,
    deferrals       integer     NOT NULL DEFAULT 0,
    deferred_since  timestamptz,
    next_attempt_at timestamptz NOT NULL,
    received_at     timestamptz NOT NULL,
    finished_at     timestamptz,
    PRIMARY KEY (webhook_id, number),
    UNIQUE (webhook_id, event_id)
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, next_attempt_at) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_of_subject ON webhook_delivery (webhook_id, subject, number) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_finished ON webhook_delivery (finished_at) WHERE state <> 'waiting';

-- One try: what was answered, or why nothing was.
CREATE TABLE webhook_attempt (
    webhook_id uuid        NOT NULL,
    number     bigint      NOT NULL,
    attempt    integer     NOT NULL,
    at         timestamptz NOT NULL,
    seconds    real        NOT NULL,
    status     smallint,
    problem    text        NOT NULL DEFAULT '',
    answer     text        NOT NULL DEFAULT '', -- its first 2 kB
    PRIMARY KEY (webhook_id, number, attempt),
    FOREIGN KEY (webhook_id, number) REFERENCES webhook_delivery ON DELETE CASCADE
);
