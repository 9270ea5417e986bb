"""Dramatiq: confirmed delivery, acknowledgement after the work, quorum queue, eight threads a process."""

from __future__ import annotations

import os
import sys
import threading
import time

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.middleware import Retries
from psycopg_pool import ConnectionPool

from tests.bench.work import events


class QuorumBroker(RabbitmqBroker):
    """Declares quorum queues; everything else is stock."""

    def _build_queue_arguments(self, queue_name: str) -> dict[str, object]:
        return super()._build_queue_arguments(queue_name) | {"x-queue-type": "quorum"}


WORKERS = 8
broker = QuorumBroker(url=os.environ["BENCH_AMQP"], confirm_delivery=True, middleware=[Retries()])
dramatiq.set_broker(broker)
pool = ConnectionPool(
    os.environ["BENCH_DSN"], min_size=WORKERS, max_size=WORKERS, open=False, kwargs={"autocommit": True}
)


@dramatiq.actor(queue_name="peer-dramatiq")
def handle(event_id: str, thing: str, number: int, text: str) -> None:
    with pool.connection() as connection:
        connection.execute("SELECT apply_one(%s, %s, %s, %s)", (event_id, thing, number, text))


def main() -> None:
    if sys.argv[1] == "consume":
        pool.open()
        worker = dramatiq.Worker(broker, worker_threads=WORKERS)
        worker.start()
        while True:
            time.sleep(1)
    work = list(events(int(os.environ["BENCH_COUNT"]), int(os.environ["BENCH_SEED"])))

    def send(place: int) -> None:
        for event in work:
            if hash(event[1]) % 4 == place:
                handle.send(*event)

    threads = [threading.Thread(target=send, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
