"""The `mtnet` command: run a service or a relay, migrate, lay out the broker, deal with what is stuck.

Each command imports what it needs itself: nothing that waits may be imported before `serving` has patched the standard
library, and nothing that needs a library before its version is known to be a tried one.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from mtnet_chassis.fastpath.versions import UntriedVersion, require_tried_versions
from mtnet_chassis.settings import SettingMissing, env, env_int

if TYPE_CHECKING:
    from mtnet_chassis.operations.stuck import StuckEvents

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
    """A sentence for what an operator can do something about; None for a bug of ours, which keeps its traceback."""
    if isinstance(problem, UntriedVersion):
        return str(problem)  # the imports below may fail beside that version

    from urllib.error import HTTPError, URLError

    import psycopg
    from pika.exceptions import AMQPConnectionError, AMQPError, ProbableAuthenticationError

    from mtnet_chassis.broker.management import TopologyDiffers
    from mtnet_chassis.runtime.services import installed_services

    match problem:
        case (
            UntriedVersion()
            | SettingMissing()
            | TopologyDiffers()
            | LookupError()
            | ValueError()
            | FileNotFoundError()
        ):
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
    keeping = add("retention", _retention, "how long personal data is kept")
    keeping.add_argument(
        "what", choices=("show", "apply", "page"), help="page: as Markdown, without a database"
    )
    keeping.add_argument("service", nargs="*", help="all of them, if none is named")
    stuck = add(
        "stuck",
        _stuck,
        "events that go no further by themselves: see them, deal with them, see what was done",
    )
    whats = stuck.add_subparsers(required=True, metavar="what", dest="what")
    for what, text in (
        ("list", "all of them, or those of one place: kind, place, id, event, stream and number, reason"),
        ("show", "one with its headers and body, as JSON"),
        ("retry", "put one (or --all of a place) back on its way"),
        ("discard", "have one skipped for good"),
        ("begin", "let streams of an ordered group (or --all) begin at what waits"),
        ("history", "who did what, when and why"),
    ):
        each = whats.add_parser(what, help=text, description=text)
        place = "?" if what in ("list", "history") else None
        each.add_argument(
            "place", nargs=place, help="such as accounts.decisions, review.outbox, review.events"
        )
        if what in ("show", "discard"):
            each.add_argument("id", help="of the event, as `list` shows it")
        if what == "retry":
            each.add_argument("id", nargs="?", help="of the event, as `list` shows it")
        if what == "begin":
            each.add_argument("stream", nargs="*", help="as `list` shows it")
        if what in ("retry", "begin"):
            each.add_argument("--all", action="store_true", help="everything that is stuck there now")
        if what in ("retry", "discard", "begin"):
            each.add_argument("--who", default="", help="who does it")
            each.add_argument("--reason", default="", help="why")
    return parser


def _serve(parsed: Any) -> int:
    require_tried_versions()
    from mtnet_chassis.runtime import serve as serving

    return serving.serve(parsed.service)


def _relay(parsed: Any) -> int:
    require_tried_versions()

    import gc
    import threading

    from mtnet_chassis.events.relay import Measuring, Relay
    from mtnet_chassis.runtime import stack_dump
    from mtnet_chassis.telemetry import HealthServer, configure_logging

    configure_logging(f"{parsed.service}-relay", env("LOG_LEVEL", "INFO"))
    relay = Relay(service=parsed.service, dsn=env("DATABASE_URL"), amqp_url=env("AMQP_URL"))
    checks = {"database": relay.check_database, "broker": relay.check_broker}
    health = HealthServer(env_int("HEALTH_PORT", 0), checks)
    health.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: relay.stop())
    stack_dump.dump_on_signal()
    # What is not sent yet waits cheaply in the outbox; what is sent faster than subscribers take it waits in the
    # broker, where a long queue costs more per message. Where they share processors, subscribers go first.
    os.nice(RELAY_NICENESS)
    # As in a service (runtime/serve.py): rows and frames hold no cycles.
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
    from mtnet_contracts.event import catalogue

    from mtnet_chassis.broker.management import Management
    from mtnet_chassis.broker.streams import BYTES, DAYS, with_streams
    from mtnet_chassis.broker.topology import permissions_of, topology_of
    from mtnet_chassis.runtime.services import installed_callers, installed_services, plan_of

    plans = [plan_of(name) for name in installed_services()]
    callers = installed_callers()
    topology = with_streams(
        topology_of(plans, callers=callers),
        catalogue(),
        days=env_int("STREAM_DAYS", DAYS),
        most_bytes=env_int("STREAM_BYTES", BYTES),
        every_event=env("STREAM_EVENTS", "granted") == "all",
    )
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


def _retention(parsed: Any) -> int:
    from mtnet_chassis.operations import retention
    from mtnet_chassis.runtime.services import installed_services

    services = parsed.service or [name for name in installed_services() if retention.is_kept_here(name)]
    lines = {"show": retention.shown, "apply": retention.applied, "page": retention.page}[parsed.what](
        services
    )
    for line in lines:
        sys.stdout.write(f"{line}\n")
    return 0


def _stuck(parsed: Any) -> int:
    import contextlib

    import pika
    import psycopg

    from mtnet_chassis.operations.stuck import StuckEvents
    from mtnet_chassis.runtime.services import installed_services, plan_of
    from mtnet_chassis.telemetry import configure_logging

    configure_logging("mtnet", env("LOG_LEVEL", "INFO"))
    sessions: dict[str, psycopg.Connection[Any]] = {}
    with contextlib.ExitStack() as open_until_the_end:
        broker = open_until_the_end.enter_context(
            contextlib.closing(pika.BlockingConnection(pika.URLParameters(env("AMQP_OPERATOR_URL"))))
        )

        def session(service: str) -> psycopg.Connection[Any]:
            if service not in sessions:
                connection = psycopg.connect(env(f"{service.upper()}_DATABASE_URL"), connect_timeout=5)
                sessions[service] = open_until_the_end.enter_context(contextlib.closing(connection))
            return sessions[service]

        plans = [plan_of(name) for name in installed_services()]
        _stuck_command(parsed, StuckEvents(plans, broker, session))
    return 0


def _stuck_command(parsed: Any, stuck: StuckEvents) -> None:
    from mtnet_chassis.operations.record import Operator

    # Lists are for programs, too: what is no line of one goes beside them.
    say, say_aside = sys.stdout.write, sys.stderr.write
    match parsed.what:
        case "list":
            nothing = True
            for each in stuck.list(parsed.place):
                nothing = False
                number = "" if each.sequence is None else f"#{each.sequence}"
                attempts = f"attempts={each.attempts}  " if each.attempts else ""
                say(
                    f"{each.kind}  {each.place}  {each.id}  {each.event}  {each.stream}{number}"
                    f"  {attempts}{each.reason}\n"
                )
            if nothing:
                say_aside("Nothing is stuck.\n")
        case "show":
            found = asdict(stuck.show(parsed.place, parsed.id))
            found["body"] = found["body"].decode(errors="replace")
            say(json.dumps(found, indent=2, ensure_ascii=False, default=str) + "\n")
        case "history":
            acts = stuck.history(parsed.place)
            for act in acts:
                number = "" if act.sequence is None else f"#{act.sequence}"
                at = act.at.isoformat(timespec="seconds")
                say(f"{at}  {act.who}  {act.action}  {act.kind}  {act.place}  {act.id}{number}  {act.why}\n")
            if not acts:
                say_aside("No operator has done anything here yet.\n")
        case "retry":
            if bool(parsed.id) == parsed.all:
                raise ValueError("name the id of the event, or --all")
            count = stuck.retry(parsed.place, parsed.id, Operator(parsed.who, parsed.reason))
            say(f"{count} on their way again\n")
        case "discard":
            behind = stuck.discard(parsed.place, parsed.id, Operator(parsed.who, parsed.reason))
            say(f"discarded; {behind} that waited behind it are on their way again\n")
        case "begin":
            if bool(parsed.stream) == parsed.all:
                raise ValueError("name the streams, or --all")
            streams = None if parsed.all else tuple(parsed.stream)
            count = stuck.begin(parsed.place, streams, Operator(parsed.who, parsed.reason))
            say(f"{count} streams begin at what waits\n")


if __name__ == "__main__":
    raise SystemExit(main())
