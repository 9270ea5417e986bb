-- What the owner of a downstream system was told already, so that each thing is told once.
-- A grant that gets another end is another row: it is told anew.
CREATE TABLE subscriber_notice (
    subscriber_id uuid    NOT NULL REFERENCES subscriber ON DELETE CASCADE,
    what          text    NOT NULL CHECK (what IN ('secret', 'grant', 'scope')),
    item          text    NOT NULL,
    ends_on       date    NOT NULL,
    days          integer NOT NULL, -- the shortest notice that was given
    PRIMARY KEY (subscriber_id, what, item, ends_on)
);
-- A row while its queue is over half of a limit and its owner knows it.
CREATE TABLE subscriber_alarm (
    subscriber_id uuid PRIMARY KEY REFERENCES subscriber ON DELETE CASCADE,
    raised_at     timestamptz NOT NULL
);
