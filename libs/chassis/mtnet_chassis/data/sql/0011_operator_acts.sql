-- What operators did with events that were stuck, whatever they were stuck in: retried, discarded, or let begin.
-- `place` is where (`review.outbox`, `accounts.decisions`, `review.events`); `headers` and `body` are the message as it
-- was, for 90 days.
CREATE TABLE operator_act (
    acted_at timestamptz NOT NULL DEFAULT now(),
    who      text        NOT NULL,
    why      text        NOT NULL,
    action   text        NOT NULL CHECK (action IN ('retried', 'discarded', 'begun')),
    kind     text        NOT NULL CHECK (kind IN ('undeliverable', 'dead-letter', 'out-of-order', 'unrouted')),
    place    text        NOT NULL,
    event_id text,
    event    text,
    stream   text,
    sequence bigint,
    reason   text,
    headers  jsonb,
    body     bytea
);
CREATE INDEX operator_act_by_time ON operator_act (acted_at);

-- The two records before it. Services and relays never read or write them, only the operator's command of the release
-- before; its third record, the queue `dead-letters.history`, stays on the broker for whoever wants to read it.
INSERT INTO operator_act (acted_at, who, why, action, kind, place, event_id, event, stream, sequence, reason)
SELECT settled_at, who, why, CASE action WHEN 'requeued' THEN 'retried' ELSE action END, 'undeliverable',
       regexp_replace(current_database(), '^.*_', '') || '.outbox', event_id::text, name, aggregate || '/' || subject,
       sequence, reason
FROM outbox_settled;
INSERT INTO operator_act (acted_at, who, why, action, kind, place, stream, sequence)
SELECT begun_at, who, why, 'begun', 'out-of-order', handler, stream, sequence + 1 FROM stream_begun;
DROP TABLE outbox_settled;
DROP TABLE stream_begun;
