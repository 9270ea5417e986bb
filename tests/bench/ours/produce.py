"""Change and announce: BENCH_TRANSACTION events a transaction, on BENCH_COUNT events; a change row beside each."""

import os
from functools import cache
from itertools import islice
from uuid import UUID

import psycopg
from bench.events import Happened
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.fastpath.arrays import uuids

from tests.bench.work import events

thing_of = cache(UUID)  # there are few
work = events(int(os.environ["BENCH_COUNT"]), int(os.environ["BENCH_SEED"]))
size = int(os.environ.get("BENCH_TRANSACTION", "50"))
with psycopg.connect(os.environ["BENCH_DSN"]) as connection:
    while part := list(islice(work, size)):
        happened = [
            Happened(event_id=UUID(event_id), thing_id=thing_of(thing), number=number, text=text)
            for event_id, thing, number, text in part
        ]
        connection.execute(
            "INSERT INTO state SELECT thing, count(*) FROM unnest(%s::uuid[]) AS came (thing)"
            " GROUP BY thing ORDER BY thing ON CONFLICT (thing) DO UPDATE SET total = state.total + excluded.total",
            (uuids([event.thing_id for event in happened]),),
        )
        Outbox(connection).announce_many(happened)
        connection.commit()
