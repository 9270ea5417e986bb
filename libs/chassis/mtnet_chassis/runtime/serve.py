"""Run one service: eventlet first, then everything else. SIGTERM lets it finish what is in hand."""

from __future__ import annotations

# ruff: noqa: E402 - these lines must be in this order
import eventlet

eventlet.monkey_patch()

import os

os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_select")

import gc
import signal
import sys
from datetime import UTC, datetime
from typing import Any

from nameko.runners import ServiceRunner

from mtnet_chassis.broker.topology import UNROUTED
from mtnet_chassis.data import retention
from mtnet_chassis.data.containers import database_of
from mtnet_chassis.data.database import require_cooperative_wait
from mtnet_chassis.events.consumer import GroupConsumer
from mtnet_chassis.rpc.server import CallConsumer
from mtnet_chassis.runtime import housekeeping, stack_dump
from mtnet_chassis.runtime.lookups import look_up_in_threads
from mtnet_chassis.runtime.services import retention_of, service_class
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
    """Run the service `name` until SIGTERM or SIGINT. Returns 0 after an orderly stop, 1 if the container died or could
    not stop."""
    configure_logging(name, env("LOG_LEVEL", "INFO"))
    require_cooperative_wait()
    look_up_in_threads()
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
    stack_dump.dump_on_signal()
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
    """Stop in order, and end even if that fails: otherwise `wait` would never return, and later signals would do
    nothing. What was in hand is not acknowledged and is delivered again to another replica."""
    try:
        container.stop()
    except Exception:
        container.kill(sys.exc_info())


def collect_less() -> None:
    """Run the garbage collector less often.

    What imports made lives as long as the process, and messages hold no cycles: looking at it all for every 700 new
    objects took a tenth of a busy consumer's time. (A stack dump only finds green threads that are not frozen.)
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def keep_house(container: Any) -> None:
    """Delete old rows every hour, as the rules of the service say. Replicas do not repeat each other."""
    rules = retention_of(container.service_name)
    groups = {e.queue for e in container.shared_extensions.values() if isinstance(e, GroupConsumer)}
    while True:
        eventlet.sleep(housekeeping.EVERY_SECONDS)
        try:
            database = database_of(container)
            with database.transaction() as tx:
                events = housekeeping.forget_events(tx, groups)
            removed = retention.apply(database.transaction, rules, datetime.now(UTC))
            log.info("old rows removed", inbox=events, **{rule.table: number for rule, number in removed})
        except Exception as problem:
            log.warning("old rows not removed", problem=type(problem).__name__)


def count_dead_letters(container: Any) -> None:
    """Without end. Counted in the queue, since what an operator or the broker put there passed no handler."""
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
    """Ready when every queue is connected. Raises ConnectionError."""
    for extension in set(container.shared_extensions.values()):
        if isinstance(extension, GroupConsumer | CallConsumer) and not extension.reader.connected:
            raise ConnectionError(extension.reader.queue)


def main() -> int:
    return serve(sys.argv[1])


if __name__ == "__main__":
    raise SystemExit(main())
