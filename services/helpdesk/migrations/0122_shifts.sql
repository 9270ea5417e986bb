-- 值機: who is at the desk and when, and what one shift hands over to the next.

CREATE TABLE roster_entry (
    day         date NOT NULL,
    shift       text NOT NULL CHECK (shift IN ('night', 'morning', 'evening')),
    account_id  uuid NOT NULL,
    name        text NOT NULL,
    put_down_by text NOT NULL,
    put_down_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (day, shift, account_id)
);

CREATE TABLE handover (
    position           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    day                date NOT NULL,
    shift              text NOT NULL CHECK (shift IN ('night', 'morning', 'evening')),
    written_at         timestamptz NOT NULL,
    written_by_id      uuid NOT NULL,
    written_by         text NOT NULL,
    text               text NOT NULL CHECK (text <> '' AND length(text) <= 4000),
    standing           jsonb NOT NULL,
    acknowledged_at    timestamptz,
    acknowledged_by_id uuid CHECK (acknowledged_by_id <> written_by_id),
    acknowledged_by    text,
    CHECK ((acknowledged_at IS NULL) = (acknowledged_by_id IS NULL))
);
CREATE INDEX handover_by_age ON handover (written_at);
