"""The subscriber that is measured: dedupe by the inbox, state, outgoing event, one transaction a batch."""

import os

from mtnet_chassis.data.database import Database, Tx
from mtnet_chassis.events.consumer import on_events
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.fastpath.arrays import bigints, uuids

from bench.events import Followed, Happened

BATCH = int(os.environ.get("BENCH_BATCH", "500"))


class BenchService:
    name = "bench"
    database = Database()

    @on_events(Happened, batch=BATCH)
    def apply(self, tx: Tx, events: list[Happened]) -> None:
        things = [event.thing_id for event in events]
        tx.execute(
            "INSERT INTO state SELECT thing, count(*) FROM unnest(%s::uuid[]) AS came (thing)"
            " GROUP BY thing ORDER BY thing ON CONFLICT (thing) DO UPDATE SET total = state.total + excluded.total",
            (uuids(things),),
        )
        tx.execute(
            "INSERT INTO effect (event_id, thing, number) SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[])",
            (uuids([e.event_id for e in events]), uuids(things), bigints([e.number for e in events])),
        )
        Outbox(tx).announce_many(
            Followed(thing_id=event.thing_id, number=event.number, text=event.text) for event in events
        )


Service = BenchService
