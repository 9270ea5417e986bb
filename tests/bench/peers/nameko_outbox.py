"""Stock Nameko made as safe as ours on the sending side, too: change and outbox row in one transaction, then the stock
dispatcher publishes row by row with confirms, and what is confirmed is deleted.

`python -m tests.bench.peers.nameko_outbox produce|relay|consume`. Rows of one thing stay in order: each of ten green
threads has its own things.
"""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import os  # noqa: E402
import sys  # noqa: E402
from itertools import islice  # noqa: E402

os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_select")

import psycopg  # noqa: E402
from nameko.standalone.events import event_dispatcher  # noqa: E402

from tests.bench.peers import stock_nameko  # noqa: E402
from tests.bench.work import events  # noqa: E402

BATCH = 500
SENDERS = 10


def produce() -> None:
    """As many events a transaction as ours, set-based as ours."""
    work = events(int(os.environ["BENCH_COUNT"]), int(os.environ["BENCH_SEED"]))
    size = int(os.environ.get("BENCH_TRANSACTION", "50"))
    with psycopg.connect(os.environ["BENCH_DSN"]) as connection:
        while part := list(islice(work, size)):
            ids, things, numbers, texts = (list(column) for column in zip(*part, strict=True))
            connection.execute(
                "INSERT INTO changed SELECT thing, count(*) FROM unnest(%s::uuid[]) AS came (thing) GROUP BY thing"
                " ORDER BY thing ON CONFLICT (thing) DO UPDATE SET total = changed.total + excluded.total",
                (things,),
            )
            connection.execute(
                "INSERT INTO waiting (event_id, thing, number, text)"
                " SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::text[])",
                (ids, things, numbers, texts),
            )
            connection.commit()


def relay() -> None:
    config = {"AMQP_URI": os.environ["BENCH_AMQP"], "serializer": "json"}
    dispatch = event_dispatcher(config, exchange_name="peer.events")
    green = eventlet.GreenPool(SENDERS)

    def send(part: list[tuple[int, str, str, int, str]]) -> None:
        for _, event_id, thing, number, text in part:
            dispatch("peer", "happened", {"id": event_id, "thing": thing, "number": number, "text": text})

    with psycopg.connect(os.environ["BENCH_DSN"], autocommit=True) as connection:
        while True:
            rows = connection.execute(
                "SELECT position, event_id::text, thing::text, number, text FROM waiting ORDER BY position LIMIT %s",
                (BATCH,),
            ).fetchall()
            if not rows:
                eventlet.sleep(0.01)
                continue
            shares: list[list[tuple[int, str, str, int, str]]] = [[] for _ in range(SENDERS)]
            for row in rows:
                shares[hash(row[2]) % SENDERS].append(row)
            for share in shares:
                green.spawn(send, share)
            green.waitall()
            connection.execute("DELETE FROM waiting WHERE position = ANY (%s)", ([row[0] for row in rows],))


if __name__ == "__main__":
    {"produce": produce, "relay": relay, "consume": stock_nameko.main}[sys.argv[1]]()
