"""A source that announces payments, its relay, and a ledger that books them; every part can be made to fail."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pika
import psycopg
from mtnet_chassis.broker.management import Management
from mtnet_chassis.broker.streams import with_streams
from mtnet_chassis.broker.topology import topology_of
from mtnet_chassis.data.migrations import migrate
from mtnet_chassis.operations.dead_letters import letters_in
from mtnet_chassis.testing.fork_server import ForkedProcess
from mtnet_chassis.testing.running import RunningProcess, start_python

from tests.chaos.checker import Applied, Committed, Verdict, check

STAND = Path(__file__).parents[2] / "libs" / "chassis" / "tests" / "stand"
PROJECT = Path(__file__).parents[2]
PRODUCER = "tests.chaos.producer"
HANDLERS = {"ordered": True, "batch": False, "wishes": False}
HEARTBEAT_SECONDS = 4  # a silent connection is noticed in seconds
# A message that no queue holds may be in a subscriber's hands, which is over in a moment.
SETTLED_SECONDS = 0.3


class World:
    """`servers` are the launcher's, for this world alone."""

    def __init__(self, servers, *, vhost: str = "chaos") -> None:
        self.servers = servers
        self.postgres, self.rabbit = servers.postgres, servers.rabbit
        self.processes: dict[str, RunningProcess] = {}
        self.seed = 0
        self.source_url, self.ledger_url = (self._database(name) for name in (f"{vhost}_s", f"{vhost}_l"))
        self.amqp_url = self.rabbit.url(vhost)
        self.management = Management(self.rabbit.management_url, vhost)
        self.management.make_vhost()
        topology = chaos_topology()
        self.management.apply(topology)
        # Dead letters and streams are looked at for themselves (`dead_letters`, `assert_kept`).
        apart = (".dead", ".stream")
        self.queues = [queue.name for queue in topology.queues if not queue.name.endswith(apart)]
        self.streams = [queue.name for queue in topology.queues if queue.name.startswith("tests.")]

    def _database(self, name: str) -> str:
        with psycopg.connect(self.postgres.dsn(), autocommit=True) as session:
            session.execute(f"CREATE DATABASE {name}")
        migrate(self.postgres.dsn(name), STAND / "migrations")
        return self.postgres.dsn(name)

    # Processes

    def start(self, name: str, *, failpoint: str = "", amqp_port: int | None = None, **environment: str):
        """`relay`, `relay2` or `ledger`; one that runs under that name is stopped first."""
        if (running := self.processes.pop(name, None)) and running.alive:
            running.stop()
        amqp_url = self.amqp_url
        if amqp_port is not None:
            parts = urlsplit(amqp_url)
            place = parts.netloc.rpartition("@")[0] + f"@127.0.0.1:{amqp_port}"
            amqp_url = urlunsplit(parts._replace(netloc=place))
        command, service, url = (
            ("serve", "ledger", self.ledger_url) if name == "ledger" else ("relay", "tests", self.source_url)
        )
        process = RunningProcess(
            command,
            service,
            environment={
                "DATABASE_URL": url,
                "AMQP_URL": amqp_url,
                "FAILPOINT": failpoint,
                "AMQP_HEARTBEAT_SECONDS": str(HEARTBEAT_SECONDS),
                "PYTHONPATH": f"{STAND}:{PROJECT}",
            }
            | environment,
        )
        self.processes[name] = process
        return process

    def keep_alive(self) -> None:
        """What has died is started again, as a supervisor would."""
        for name, process in list(self.processes.items()):
            if not process.alive:
                self.start(name)

    def pay(
        self, transactions: int = 60, *, failpoint: str = "", wish: str = "", pause: float = 0.0
    ) -> ForkedProcess | subprocess.Popen:
        """Start a producer: three threads of that many transactions each."""
        self.seed += 1
        return start_python(
            PRODUCER,
            self.source_url,
            *(str(transactions), str(self.seed), wish, str(pause)),
            imports=[PRODUCER],
            environment=os.environ | {"FAILPOINT": failpoint, "PYTHONPATH": f"{STAND}:{PROJECT}"},
        )

    def stop(self) -> None:
        for process in self.processes.values():
            process.kill()

    # What is known afterwards

    def history(self) -> tuple[list[Committed], dict[str, list[Applied]]]:
        committed = [Committed(*row) for row in self._rows(self.source_url, "source")]
        applied = {
            handler: [Applied(*row) for row in self._rows(self.ledger_url, handler)] for handler in HANDLERS
        }
        return committed, applied

    def _rows(self, url: str, handler: str):
        with psycopg.connect(url) as session:
            return session.execute(
                "SELECT event_id, account_id, number FROM booking WHERE handler = %s ORDER BY place",
                (handler,),
            ).fetchall()

    def _all_sent(self) -> bool:
        """Whether the outbox is empty and every subscriber has applied as many events as were committed."""
        with psycopg.connect(self.source_url) as source, psycopg.connect(self.ledger_url) as ledger:
            if source.execute("SELECT 1 FROM outbox LIMIT 1").fetchone():
                return False
            (wanted,) = source.execute("SELECT count(*) FROM booking WHERE handler = 'source'").fetchone()
            applied = dict(
                ledger.execute("SELECT handler, count(DISTINCT event_id) FROM booking GROUP BY handler")
            )
        return all(applied.get(handler, 0) >= wanted for handler in HANDLERS)

    def verdicts(self) -> dict[str, Verdict]:
        committed, applied = self.history()
        return {h: check(committed, applied[h], ordered=ordered) for h, ordered in HANDLERS.items()}

    def announced_once_each(self) -> bool:
        """Every booking of the batch handler announced itself once, in its own transaction."""
        with psycopg.connect(self.ledger_url) as session:
            rows = session.execute(
                "SELECT payload::json ->> 'paid_event_id', count(*) FROM outbox GROUP BY 1"
            ).fetchall()
            booked = session.execute("SELECT event_id::text FROM booking WHERE handler = 'batch'").fetchall()
        return dict(rows) == {event_id: 1 for (event_id,) in booked}

    def come_to_rest(self, seconds: float = 60, *, revive: bool = True) -> None:
        """Wait until the outbox is empty, every subscriber has applied as much as was committed, and nothing waits
        in a queue or waits for a retry: what comes twice has come."""

        def at_rest() -> bool:
            if revive:
                self.keep_alive()
            if not self._all_sent() or self.waiting():
                return False
            time.sleep(SETTLED_SECONDS)
            return not self.waiting()

        try:
            patiently(at_rest, seconds)
        except AssertionError as problem:
            verdicts = {handler: str(verdict) for handler, verdict in self.verdicts().items()}
            raise AssertionError(f"{problem}: {verdicts}, waiting {self.waiting()}") from None

    def waiting(self) -> dict[str, int]:
        """Messages ready, by queue, where there are any. Asked over AMQP: the management API is seconds behind."""
        with pika.BlockingConnection(pika.URLParameters(self.amqp_url)) as connection:
            channel = connection.channel()
            counts = {
                queue: channel.queue_declare(queue, passive=True).method.message_count
                for queue in self.queues
            }
        return {queue: count for queue, count in counts.items() if count}

    def assert_good(self) -> None:
        verdicts = self.verdicts()
        assert all(v.good for v in verdicts.values()), {h: str(v) for h, v in verdicts.items()}
        assert self.announced_once_each()
        assert self.dead_letters() == {}

    def assert_kept(self) -> None:
        """Streams hold every event that was committed, those of one subject in order where they came first. To be asked
        at rest."""
        missing = {str(each.event) for each in self.history()[0]}
        came: set[str] = set()
        reached: dict[tuple[str, str], str] = {}
        swapped = []
        end, unread = uuid4().hex, set(self.streams)

        def keep(stream, channel, method, properties, body) -> None:
            if method.delivery_tag % 100 == 0:
                channel.basic_ack(method.delivery_tag, multiple=True)
            told = properties.headers
            if "end" in told:
                unread.difference_update([stream] if told["end"] == end else [])
                return
            if told["cloudEvents_id"] in came:
                return
            came.add(told["cloudEvents_id"])
            missing.discard(told["cloudEvents_id"])
            subject, sequence = (stream, told["cloudEvents_subject"]), told["cloudEvents_sequence"]
            if sequence <= reached.get(subject, ""):
                swapped.append((*subject, sequence))
            reached[subject] = sequence

        # What comes behind the mark, such as a duplicate, pika gives back when it closes, which no stream allows.
        with (
            contextlib.suppress(pika.exceptions.ConnectionClosedByBroker),
            pika.BlockingConnection(pika.URLParameters(self.amqp_url)) as connection,
        ):
            channel = connection.channel()
            channel.confirm_delivery()
            channel.basic_qos(prefetch_count=500)
            for stream in self.streams:
                # A mark behind the last event: nobody has to guess whether more will come.
                channel.basic_publish("", stream, b"", pika.BasicProperties(headers={"end": end}))
                begin = {"x-stream-offset": "first"}
                channel.basic_consume(stream, partial(keep, stream), arguments=begin)
            while unread:
                connection.process_data_events(time_limit=1)
        assert not unread
        assert not swapped
        assert not missing, f"{len(missing)} of {len(missing | came)} events are in no stream"

    def dead_letters(self) -> dict[str, list[str]]:
        """Reasons of the dead letters, by queue. There should be none."""
        with contextlib.closing(pika.BlockingConnection(pika.URLParameters(self.amqp_url))) as broker:
            found = {f"ledger.{h}": [x.reason for x in letters_in(broker, f"ledger.{h}")] for h in HANDLERS}
        return {queue: reasons for queue, reasons in found.items() if reasons}

    def kill(self, name: str) -> None:
        self.processes[name].send(signal.SIGKILL)
        self.processes[name].wait()


def chaos_topology():
    """What the stand's own services say of themselves."""
    sys.path[:0] = [p for p in (str(STAND),) if p not in sys.path]
    from ledger.events import Booked, Cancelled, Paid
    from mtnet_chassis.broker.plan import ServicePlan
    from mtnet_chassis.runtime.services import plan_of

    plans = [ServicePlan("tests", (), False), plan_of("ledger")]
    events = [Paid, Cancelled, Booked]
    return with_streams(topology_of(plans, events), events, every_event=True)


def patiently(check: Callable[[], bool], seconds: float) -> None:
    """Wait until `check` says yes, passing over servers that are away. Raises AssertionError."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if check():
                return
        except (psycopg.OperationalError, OSError, pika.exceptions.AMQPError):
            pass
        assert time.monotonic() < deadline, f"not at rest after {seconds} s"
        time.sleep(0.1)
