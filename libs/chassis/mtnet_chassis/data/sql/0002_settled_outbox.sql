-- What operators did with rows of outbox_dead: put back to be sent, or passed over.
CREATE TABLE outbox_settled (
    settled_at timestamptz NOT NULL DEFAULT now(),
    who        text        NOT NULL,
    why        text        NOT NULL,
    action     text        NOT NULL CHECK (action IN ('requeued', 'discarded')),
    event_id   uuid        NOT NULL,
    name       text        NOT NULL,
    aggregate  text        NOT NULL,
    subject    text        NOT NULL,
    sequence   bigint      NOT NULL,
    reason     text        NOT NULL
);
