"""Celery: late acknowledgement, quorum queue, publisher confirms; two prefork processes consume."""

from __future__ import annotations

import os
import sys

import psycopg
from celery import Celery
from kombu import Queue

from tests.bench.work import events

app = Celery("peer", broker=os.environ["BENCH_AMQP"])
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_default_queue="peer-celery",
    task_queues=[Queue("peer-celery", queue_arguments={"x-queue-type": "quorum"})],
    worker_prefetch_multiplier=100,
    worker_detect_quorum_queues=True,
    broker_transport_options={"confirm_publish": True},
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
    worker_send_task_events=False,
)
connection: psycopg.Connection[object] | None = None


@app.task(name="peer.handle")
def handle(event_id: str, thing: str, number: int, text: str) -> None:
    global connection
    if connection is None:
        connection = psycopg.connect(os.environ["BENCH_DSN"], autocommit=True)
    connection.execute("SELECT apply_one(%s, %s, %s, %s)", (event_id, thing, number, text))


def main() -> None:
    if sys.argv[1] == "consume":
        app.worker_main(
            ["worker", "--concurrency=2", "--loglevel=ERROR", "--without-gossip", "--without-mingle"]
        )
        return
    for event in events(int(os.environ["BENCH_COUNT"]), int(os.environ["BENCH_SEED"])):
        handle.apply_async(event)


if __name__ == "__main__":
    main()
