"""FastStream: asyncio, publisher confirms (its default), manual acknowledgement after the commit."""

from __future__ import annotations

import asyncio
import os
import sys

from faststream import AckPolicy, FastStream
from faststream.rabbit import QueueType, RabbitBroker, RabbitQueue
from faststream.rabbit.schemas import Channel
from psycopg_pool import AsyncConnectionPool

from tests.bench.work import events

WORKERS = 20
broker = RabbitBroker(
    os.environ["BENCH_AMQP"], default_channel=Channel(prefetch_count=200, publisher_confirms=True)
)
app = FastStream(broker)
queue = RabbitQueue("peer-faststream", durable=True, queue_type=QueueType.QUORUM)
pool = AsyncConnectionPool(
    os.environ["BENCH_DSN"], min_size=WORKERS, max_size=WORKERS, open=False, kwargs={"autocommit": True}
)


@broker.subscriber(queue, ack_policy=AckPolicy.NACK_ON_ERROR)
async def handle(message: dict[str, object]) -> None:
    async with pool.connection() as connection:
        await connection.execute(
            "SELECT apply_one(%s, %s, %s, %s)",
            (message["id"], message["thing"], message["number"], message["text"]),
        )


@app.on_startup
async def open_pool() -> None:
    await pool.open()


async def produce() -> None:
    async with broker:
        await broker.declare_queue(queue)
        work = list(events(int(os.environ["BENCH_COUNT"]), int(os.environ["BENCH_SEED"])))

        async def send(part: list[tuple[str, str, int, str]]) -> None:
            for event_id, thing, number, text in part:
                await broker.publish(
                    {"id": event_id, "thing": thing, "number": number, "text": text},
                    queue=queue,
                    persist=True,
                )

        await asyncio.gather(*(send([w for w in work if hash(w[1]) % 20 == place]) for place in range(20)))


if __name__ == "__main__":
    asyncio.run(app.run() if sys.argv[1] == "consume" else produce())
