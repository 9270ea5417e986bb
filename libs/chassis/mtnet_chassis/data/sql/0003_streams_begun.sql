-- Streams that an operator let begin in an ordered group at what is there: the group is younger than the aggregate,
-- so the events before were never sent to it.
CREATE TABLE stream_begun (
    begun_at timestamptz NOT NULL DEFAULT now(),
    who      text        NOT NULL,
    why      text        NOT NULL,
    handler  text        NOT NULL,
    stream   text        NOT NULL,
    sequence bigint      NOT NULL
);
