"""Stock Nameko: its EventDispatcher publishes, its consumer handles; made safe with a quorum queue and dedupe.

`python -m tests.bench.peers.stock_nameko produce|consume`; BENCH_DSN, BENCH_AMQP, BENCH_COUNT, BENCH_SEED.
Stock @event_handler cannot declare a quorum queue, so @consume does, with the same consumer underneath.
"""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import os  # noqa: E402
import sys  # noqa: E402

os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_select")

from kombu import Exchange, Queue  # noqa: E402
from nameko.messaging import consume  # noqa: E402
from nameko.runners import ServiceRunner  # noqa: E402
from nameko.standalone.events import event_dispatcher  # noqa: E402
from psycopg_pool import ConnectionPool  # noqa: E402

from tests.bench.work import events  # noqa: E402

EXCHANGE = Exchange("peer.events", type="topic", durable=True)
QUEUE = Queue(
    "peer-nameko",
    exchange=EXCHANGE,
    routing_key="happened",
    queue_arguments={"x-queue-type": "quorum"},
    durable=True,
)
WORKERS = 20
pool = ConnectionPool(
    os.environ["BENCH_DSN"], min_size=WORKERS, max_size=WORKERS, open=False, kwargs={"autocommit": True}
)


class Peer:
    name = "peer_nameko"

    @consume(QUEUE, requeue_on_error=True)
    def handle(self, message: dict[str, object]) -> None:
        with pool.connection() as connection:
            connection.execute(
                "SELECT apply_one(%s, %s, %s, %s)",
                (message["id"], message["thing"], message["number"], message["text"]),
            )


def main() -> None:
    config = {"AMQP_URI": os.environ["BENCH_AMQP"], "max_workers": WORKERS, "serializer": "json"}
    if sys.argv[1] == "consume":
        pool.open()
        runner = ServiceRunner(config=config)
        runner.add_service(Peer)
        runner.start()
        runner.wait()
        return
    # Ten green threads publish, each waiting for its confirm: the dispatcher's own pool holds ten connections.
    work = list(events(int(os.environ["BENCH_COUNT"]), int(os.environ["BENCH_SEED"])))
    green = eventlet.GreenPool(10)
    dispatch = event_dispatcher(config, exchange_name="peer.events")

    def send(part: list[tuple[str, str, int, str]]) -> None:
        for event_id, thing, number, text in part:
            dispatch("peer", "happened", {"id": event_id, "thing": thing, "number": number, "text": text})

    for place in range(10):
        green.spawn(send, [w for w in work if hash(w[1]) % 10 == place])
    green.waitall()


if __name__ == "__main__":
    main()
