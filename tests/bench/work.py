"""The work every contender does for one event, in one transaction: dedupe, state, outgoing event.

One call of one SQL function, so that each contender pays one round trip and one commit per event (ours: per batch).
`changed` and `waiting` are the sending side of a peer with an outbox. `effect` is what the checker reads; it has no
constraint that could hide a double effect.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

SCHEMA = """
CREATE TABLE seen (event_id uuid PRIMARY KEY);
CREATE TABLE state (thing uuid PRIMARY KEY, total bigint NOT NULL) WITH (fillfactor = 70);
CREATE TABLE outgoing (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid, payload text);
CREATE TABLE effect (position bigint GENERATED ALWAYS AS IDENTITY, event_id uuid, thing uuid, number bigint,
                     at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE TABLE changed (thing uuid PRIMARY KEY, total bigint NOT NULL) WITH (fillfactor = 70);
CREATE TABLE waiting (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL,
                      thing uuid NOT NULL, number bigint NOT NULL, text text NOT NULL)
    WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
CREATE FUNCTION apply_one(id uuid, of_thing uuid, its_number bigint, its_text text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO seen VALUES (id) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN false; END IF;
    INSERT INTO state VALUES (of_thing, 1) ON CONFLICT (thing) DO UPDATE SET total = state.total + 1;
    INSERT INTO outgoing (event_id, payload) VALUES (id, its_text);
    INSERT INTO effect (event_id, thing, number) VALUES (id, of_thing, its_number);
    RETURN true;
END $$;
"""

THINGS = 500
TEXT = "x" * 330  # with ids and names about 500 bytes on the wire


def events(count: int, seed: int) -> Iterator[tuple[str, str, int, str]]:
    """Event id, thing, number within the thing (from 1), text; the same for the same seed.

    Whoever asks for the first one begins the measurement: it tells the hour in the file BENCH_STARTED.
    """
    if told := os.environ.get("BENCH_STARTED"):
        Path(told).write_text(str(time.time()))
    things = [str(uuid.UUID(int=(seed << 64) + i)) for i in range(THINGS)]
    for index in range(count):
        yield (
            str(uuid.UUID(int=(0x7000 << 64) + (seed << 80) + index)),
            things[index % THINGS],
            index // THINGS + 1,
            TEXT,
        )
