"""Run one service: eventlet first, then everything else; SIGTERM drains."""

from __future__ import annotations

# ruff: noqa: E402 - the order of these lines is the point of this module
import eventlet

eventlet.monkey_patch()

import os

os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_select")

import gc
import signal
import sys
from typing import Any

from nameko.runners import ServiceRunner

from mtnet_chassis.broker.topology import UNROUTED
from mtnet_chassis.data.containers import database_of
from mtnet_chassis.data.database import require_cooperative_wait
from mtnet_chassis.events.consumer import GroupConsumer
from mtnet_chassis.rpc.server import CallConsumer
from mtnet_chassis.runtime import housekeeping
from mtnet_chassis.runtime import stack_dump as standing
from mtnet_chassis.runtime.services import service_class
from mtnet_chassis.settings import env, env_int
from mtnet_chassis.telemetry import (
    DEAD_LETTERS,
    UNROUTED_MESSAGES,
    HealthServer,
    configure_logging,
    logger,
)

log = logger()

COUNT_SECONDS = 5.0


def serve(name: str) -> int:
    """Run the service `name` until SIGTERM or SIGINT; 0 after an orderly stop, 1 when the container died or could
    not stop."""
    configure_logging(name, env("LOG_LEVEL", "INFO"))
    require_cooperative_wait()
    cls = service_class(name)
    runner = ServiceRunner(config={"AMQP_URI": env("AMQP_URL")})
    runner.add_service(cls)
    container = runner.service_map[cls.name]
    collect_less()
    health = HealthServer(
        env_int("HEALTH_PORT", 0), {"database": lambda: ping(container), "broker": lambda: heard(container)}
    )
    health.start()
    stopping: list[Any] = []

    def stop(*_: Any) -> None:
        if not stopping:
            stopping.append(eventlet.spawn(stop_or_die, container))

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    standing.tell_on_signal()
    runner.start()
    eventlet.spawn(keep_house, container)
    eventlet.spawn(count_dead_letters, container)
    log.info("service started", service=name, health_port=health.port)
    try:
        runner.wait()
    except Exception as problem:
        log.error("service died", service=name, exc_info=problem)
        return 1
    if stopping:
        stopping[0].wait()
    log.info("service stopped", service=name)
    return 0


def stop_or_die(container: Any) -> None:
    """Stop in order. Where that fails, end nevertheless: Nameko's container would never tell `wait`, and every
    later signal would be for nothing. What was in hand is not acknowledged and comes again to another replica."""
    try:
        container.stop()
    except Exception:
        container.kill(sys.exc_info())


def collect_less() -> None:
    """What imports made lives as long as the process, and messages hold no cycles: looking through it all
    every 700 objects was a tenth of a busy consumer's time. (`standing` sees only what is not frozen.)"""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def keep_house(container: Any) -> None:
    """Now and then forget what is old. In every replica: deleting what is gone costs nothing."""
    groups = {e.queue for e in container.shared_extensions.values() if isinstance(e, GroupConsumer)}
    while True:
        eventlet.sleep(housekeeping.EVERY_SECONDS)
        try:
            with database_of(container).transaction() as tx:
                events, keys = housekeeping.forget(tx, groups)
            log.info("old rows forgotten", events=events, keys=keys)
        except Exception as problem:
            log.warning("old rows not forgotten", problem=type(problem).__name__)


def count_dead_letters(container: Any) -> None:
    """For ever. Counted in the queue: what an operator or the broker put there has passed no handler."""
    while True:
        for extension in set(container.shared_extensions.values()):
            if isinstance(extension, GroupConsumer):
                count(extension, f"{extension.queue}.dead", DEAD_LETTERS.labels(extension.queue))
                count(extension, UNROUTED, UNROUTED_MESSAGES)
        eventlet.sleep(COUNT_SECONDS)


def count(consumer: GroupConsumer, queue: str, gauge: Any) -> None:
    try:
        depth = consumer.reader.depth(queue)
    except Exception as problem:
        log.warning("queue not counted", queue=queue, exc_info=problem)
        return
    if depth is not None:
        gauge.set(depth)


def ping(container: Any) -> None:
    """Ready when the database answers. Raises what psycopg raises."""
    with database_of(container).transaction() as tx:
        tx.execute("SELECT 1")


def heard(container: Any) -> None:
    """Ready when every queue has its connection. Raises ConnectionError."""
    for extension in set(container.shared_extensions.values()):
        if isinstance(extension, GroupConsumer | CallConsumer) and not extension.reader.connected:
            raise ConnectionError(extension.reader.queue)


def main() -> int:
    return serve(sys.argv[1])


if __name__ == "__main__":
    raise SystemExit(main())
