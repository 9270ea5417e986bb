-- One text to many people. Who belongs to it is kept before it is counted; they are taken up in the order of their
-- positions, in chunks, each frozen with what it needs to be tried again.
CREATE TABLE broadcast (
    broadcast_id    uuid PRIMARY KEY,
    category        text        NOT NULL,
    segment         text        NOT NULL,
    segment_of      text,
    texts           jsonb       NOT NULL,
    state           text        NOT NULL,
    version         integer     NOT NULL DEFAULT 1,
    written_by      uuid        NOT NULL,
    written_by_name text        NOT NULL,
    written_at      timestamptz NOT NULL,
    people          integer     NOT NULL DEFAULT 0,
    counts          jsonb       NOT NULL DEFAULT '{}',
    counted_at      timestamptz,
    start_at        timestamptz,
    per_second      integer     CHECK (per_second > 0),
    started_at      timestamptz,
    ended_at        timestamptz,
    frozen_to       integer     NOT NULL DEFAULT 0,
    next_at         timestamptz,
    chunks          integer     NOT NULL DEFAULT 0,
    -- What became of how many, once nothing is left to be sent: it stays when chunks and people are removed.
    outcomes        jsonb       NOT NULL DEFAULT '{}',
    CHECK ((state = 'scheduled') <= (start_at IS NOT NULL))
);
CREATE INDEX broadcast_by_age ON broadcast (written_at DESC, broadcast_id);
-- What a process has to look after.
CREATE INDEX broadcast_at_work ON broadcast (start_at) WHERE state IN ('scheduled', 'running');

CREATE TABLE broadcast_person (
    broadcast_id uuid    NOT NULL REFERENCES broadcast (broadcast_id),
    position     integer NOT NULL,
    person_kind  text    NOT NULL,
    person_id    uuid    NOT NULL,
    PRIMARY KEY (broadcast_id, person_id),
    UNIQUE (broadcast_id, position)
);

-- `channel` NULL: nobody of them can be reached. `recipients` of a channel that takes many at once; others have a
-- message and a delivery for each person. `counts`: what became of them, as `<channel>:<outcome>[:<failure>]`.
CREATE TABLE broadcast_chunk (
    broadcast_id    uuid        NOT NULL REFERENCES broadcast (broadcast_id),
    chunk           integer     NOT NULL,
    channel         text,
    locale          text        NOT NULL,
    reason          text        NOT NULL DEFAULT '',
    people          integer     NOT NULL,
    positions       integer[]   NOT NULL,
    recipients      text[]      NOT NULL DEFAULT '{}',
    message_ids     uuid[]      NOT NULL DEFAULT '{}',
    state           text        NOT NULL CHECK (state IN ('waiting', 'open', 'closed')),
    sender_id       uuid,
    leased_at       timestamptz,
    attempts        integer     NOT NULL DEFAULT 0,
    first_tried_at  timestamptz,
    next_attempt_at timestamptz,
    looked_at       timestamptz,
    detail          text        NOT NULL DEFAULT '',
    counts          jsonb       NOT NULL DEFAULT '{}',
    closed_at       timestamptz,
    PRIMARY KEY (broadcast_id, chunk),
    CHECK ((state = 'waiting') = (next_attempt_at IS NOT NULL))
);
CREATE INDEX broadcast_chunk_due ON broadcast_chunk (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX broadcast_chunk_open ON broadcast_chunk (broadcast_id, looked_at) WHERE state <> 'closed';

-- Who did what with it.
CREATE TABLE broadcast_step (
    broadcast_id uuid        NOT NULL REFERENCES broadcast (broadcast_id),
    step         integer     NOT NULL,
    at           timestamptz NOT NULL,
    act          text        NOT NULL,
    by_id        uuid,
    by_name      text        NOT NULL DEFAULT '',
    detail       jsonb       NOT NULL DEFAULT '{}',
    PRIMARY KEY (broadcast_id, step)
);
