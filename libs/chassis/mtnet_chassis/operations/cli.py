"""The `mtnet` command: run a service or a relay, migrate, lay out the broker, deal with dead letters.

Each command imports what it needs itself: nothing may be imported before `serving` has patched the standard library.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import unquote, urlsplit

from mtnet_chassis.settings import SettingMissing, env, env_int

RELAY_NICENESS = 5


def main(arguments: list[str] | None = None) -> int:
    """0 when it worked; 1 with a sentence on standard error when it did not."""
    parsed = _parser().parse_args(arguments)
    try:
        status: int = parsed.run(parsed)
    except Exception as problem:
        sentence = _sentence(problem, getattr(parsed, "service", None))
        if sentence is None:
            raise
        sys.stderr.write(f"{sentence}\n")
        return 1
    return status


def _sentence(problem: Exception, service: str | None) -> str | None:
    """What an operator can do something about, in words; None for a mistake of ours, which keeps its traceback."""
    from urllib.error import HTTPError, URLError

    import psycopg
    from pika.exceptions import AMQPConnectionError, AMQPError, ProbableAuthenticationError

    from mtnet_chassis.broker.management import TopologyDiffers
    from mtnet_chassis.runtime.services import installed_services

    match problem:
        case SettingMissing() | TopologyDiffers() | LookupError() | ValueError() | FileNotFoundError():
            return str(problem)
        case ModuleNotFoundError() if problem.name == service:
            return f"There is no service {service}; there are {', '.join(installed_services())}."
        case ProbableAuthenticationError():
            return "The broker does not know this user or password."
        case AMQPConnectionError():
            return f"The broker does not answer: {_why(problem)}. Is the address right, and does it run?"
        case AMQPError():
            return f"The broker refused: {_why(problem)}"
        case HTTPError():
            return f"The broker's management refused: {problem.code} {problem.reason} ({problem.url})"
        case URLError():
            return f"The broker's management does not answer: {problem.reason}"
        case psycopg.OperationalError():
            return f"The database does not answer: {_why(problem)}"
    return None


def _why(problem: Exception) -> str:
    """The first line; pika's connection errors often have no words, but hold those that led to them."""
    inner = problem.args[0] if problem.args and isinstance(problem.args[0], Exception) else problem
    text = str(inner) or repr(inner)
    return text.strip().splitlines()[0]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mtnet", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(name: str, run: Callable[[Any], int], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    add("serve", _serve, "run a service").add_argument("service")
    add("relay", _relay, "run a service's relay").add_argument("service")
    add("migrate", _migrate, "bring a service's database up to date").add_argument("service")
    topology = add("topology", _topology, "exchanges, queues, bindings and permissions on the broker")
    topology.add_argument("what", choices=("apply", "show", "permissions"))
    topology.add_argument(
        "--prune", action="store_true", help="with apply: remove what this release does not know"
    )
    letters = add("dead-letters", _dead_letters, "events that no handler could apply")
    letters.add_argument("what", choices=("list", "show", "replay", "discard", "history"))
    letters.add_argument("queue", nargs="?", help="a subscriber's queue such as accounts.decisions")
    letters.add_argument("event_id", nargs="?")
    letters.add_argument("--all", action="store_true", help="replay every letter of the queue")
    letters.add_argument("--who", default="", help="who does it")
    letters.add_argument("--reason", default="", help="why")
    unrouted = add("unrouted", _unrouted, "events that should have reached a subscriber and did not")
    unrouted.add_argument("what", choices=("list", "replay"))
    dead = add("outbox-dead", _outbox_dead, "events of a service that can never be sent")
    dead.add_argument("what", choices=("list", "requeue", "discard"))
    dead.add_argument("service")
    dead.add_argument("position", nargs="?", type=int, help="of the event, as `list` tells it")
    dead.add_argument("--who", default="", help="who does it")
    dead.add_argument("--reason", default="", help="why")
    parked = add("parked", _parked, "events of ordered groups that wait for an earlier one")
    parked.add_argument("what", choices=("list", "begin"))
    parked.add_argument("queue", nargs="?", help="`<service>.<group>`, for begin")
    parked.add_argument("stream", nargs="*", help="as `list` tells it; none with --all")
    parked.add_argument("--all", action="store_true", help="every stream in which nothing was ever applied")
    parked.add_argument("--who", default="", help="who does it")
    parked.add_argument("--reason", default="", help="why")
    return parser


def _serve(parsed: Any) -> int:
    from mtnet_chassis.runtime import serve as serving

    return serving.serve(parsed.service)


def _relay(parsed: Any) -> int:
    import gc
    import threading

    from mtnet_chassis.events.relay import Measuring, Relay
    from mtnet_chassis.runtime import stack_dump as standing
    from mtnet_chassis.telemetry import HealthServer, configure_logging

    configure_logging(f"{parsed.service}-relay", env("LOG_LEVEL", "INFO"))
    relay = Relay(service=parsed.service, dsn=env("DATABASE_URL"), amqp_url=env("AMQP_URL"))
    checks = {"database": relay.check_database, "broker": relay.check_broker}
    health = HealthServer(env_int("HEALTH_PORT", 0), checks)
    health.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: relay.stop())
    standing.tell_on_signal()
    # What is not sent yet waits cheaply in the outbox; what is sent faster than subscribers take it waits in the
    # broker, where a long queue costs more per message. Where they share processors, subscribers go first.
    os.nice(RELAY_NICENESS)
    # As in a service (serving.collect_less): rows and frames hold no cycles.
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    measuring = Measuring(parsed.service, env("DATABASE_URL"))
    measuring.start()
    worker = threading.Thread(target=relay.run, name="relay")
    worker.start()
    worker.join()
    measuring.stop()
    return 0


def _migrate(parsed: Any) -> int:
    from mtnet_chassis.data.migrations import migrate
    from mtnet_chassis.runtime.services import migrations_of

    applied = migrate(env("MIGRATION_DATABASE_URL"), migrations_of(parsed.service))
    for name in applied:
        sys.stdout.write(f"applied {name}\n")
    return 0


def _topology(parsed: Any) -> int:
    from mtnet_chassis.broker.management import Management
    from mtnet_chassis.broker.topology import permissions_of, topology_of
    from mtnet_chassis.runtime.services import installed_callers, installed_services, plan_of

    plans = [plan_of(name) for name in installed_services()]
    callers = installed_callers()
    topology = topology_of(plans, callers=callers)
    if parsed.what == "show":
        shown = asdict(topology) | {"permissions": [asdict(p) for p in permissions_of(plans, callers)]}
        shown["bindings"] = [asdict(b) for b in sorted(topology.bindings)]
        json.dump(shown, sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
        return 0
    vhost = unquote(urlsplit(env("AMQP_OPERATOR_URL")).path.lstrip("/")) or "/"
    management = Management(env("RABBITMQ_MANAGEMENT_URL"), vhost)
    if parsed.what == "permissions":
        for permission in permissions_of(plans, callers):
            management.set_permission(permission)
            sys.stdout.write(f"permissions of {permission.user} set\n")
        return 0
    for line in management.apply(topology):
        sys.stdout.write(f"{line}\n")
    unwanted = management.unwanted(topology)
    if parsed.prune:
        for line in management.prune(unwanted):
            sys.stdout.write(f"{line}\n")
    elif str(unwanted):
        sys.stdout.write(
            f"{unwanted}\nLeft alone: a newer release may need it. `mtnet topology apply --prune` removes it.\n"
        )
    return 0


def _dead_letters(parsed: Any) -> int:
    from mtnet_chassis.operations.dead_letters import DeadLetters
    from mtnet_chassis.runtime.services import installed_services, plan_of
    from mtnet_chassis.telemetry import configure_logging

    configure_logging("mtnet", env("LOG_LEVEL", "INFO"))
    letters = DeadLetters(env("AMQP_OPERATOR_URL"))
    queues = (
        [parsed.queue] if parsed.queue else [g.queue for s in installed_services() for g in plan_of(s).groups]
    )
    try:
        if parsed.what == "list":
            for queue in queues:
                for letter in letters.list(queue):
                    sys.stdout.write(
                        f"{letter.queue}  {letter.event_id}  {letter.event}  {letter.stream}"
                        f"  attempts={letter.attempts}  {letter.reason}\n"
                    )
            return 0
        if parsed.what == "history":
            for act in letters.history(parsed.queue):
                sys.stdout.write(
                    f"{act.at}  {act.who}  {act.action}  {act.queue}  {act.event_id}  {act.why}\n"
                )
            return 0
        if not parsed.queue or not (parsed.event_id or (parsed.all and parsed.what == "replay")):
            raise ValueError("name the queue and the event id (or --all with replay)")
        if parsed.what == "show":
            json.dump(
                asdict(letters.show(parsed.queue, parsed.event_id)), sys.stdout, indent=2, ensure_ascii=False
            )
            sys.stdout.write("\n")
            return 0
        deal = letters.replay if parsed.what == "replay" else letters.discard
        count = deal(parsed.queue, parsed.event_id, who=parsed.who, reason=parsed.reason)
        sys.stdout.write(f"{count} {parsed.what}ed\n" if parsed.what == "discard" else f"{count} replayed\n")
        return 0
    finally:
        letters.close()


def _unrouted(parsed: Any) -> int:
    from mtnet_chassis.operations.unrouted import Unrouted
    from mtnet_chassis.telemetry import configure_logging

    configure_logging("mtnet", env("LOG_LEVEL", "INFO"))
    unrouted = Unrouted(env("AMQP_OPERATOR_URL"))
    try:
        if parsed.what == "list":
            for missed in unrouted.list():
                sys.stdout.write(f"{missed.exchange}  {missed.routing_key}  {missed.messages} messages\n")
        else:
            sys.stdout.write(f"{unrouted.replay()} sent again\n")
        return 0
    finally:
        unrouted.close()


def _parked(parsed: Any) -> int:
    from mtnet_chassis.operations.parked import ParkedEvents
    from mtnet_chassis.telemetry import configure_logging

    configure_logging("mtnet", env("LOG_LEVEL", "INFO"))
    if parsed.what == "begin" and (not parsed.queue or bool(parsed.stream) == parsed.all):
        raise ValueError("name the queue, and the streams or --all")
    parked = ParkedEvents(env("DATABASE_URL"))
    try:
        if parsed.what == "list":
            for waiting in parked.list():
                sys.stdout.write(
                    f"{waiting.handler}  {waiting.stream}  reached {waiting.reached}, waits from {waiting.lowest}"
                    f"  {waiting.events} events since {waiting.since.isoformat(timespec='seconds')}\n"
                )
            return 0
        streams = None if parsed.all else tuple(parsed.stream)
        begun = parked.begin(parsed.queue, streams, who=parsed.who, reason=parsed.reason)
        sys.stdout.write(f"{begun} streams begin at what waits\n")
        return 0
    finally:
        parked.close()


def _outbox_dead(parsed: Any) -> int:
    from mtnet_chassis.operations.outbox_dead import OutboxDead
    from mtnet_chassis.runtime.services import service_class
    from mtnet_chassis.telemetry import configure_logging

    configure_logging("mtnet", env("LOG_LEVEL", "INFO"))
    service_class(parsed.service)  # raises when there is none
    dead = OutboxDead(parsed.service, env("DATABASE_URL"))
    try:
        if parsed.what == "list":
            for row in dead.list():
                sys.stdout.write(
                    f"{row.position}  {row.event_id}  {row.name}  {row.aggregate}/{row.subject}"
                    f"  {row.sequence}  {row.reason}\n"
                )
            return 0
        if parsed.position is None:
            raise ValueError("name the position of the event, as `list` tells it")
        who, reason = parsed.who, parsed.reason
        if parsed.what == "requeue":
            count = dead.requeue(parsed.position, who=who, reason=reason)
        else:
            count = dead.discard(parsed.position, env("AMQP_URL"), who=who, reason=reason)
            sys.stdout.write("1 discarded\n")
        sys.stdout.write(f"{count} requeued\n")
        return 0
    finally:
        dead.close()


if __name__ == "__main__":
    raise SystemExit(main())
