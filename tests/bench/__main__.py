"""`make bench`: events end to end on this machine, beside other frameworks, each doing the same safe work.

Servers are private and as in `make run` (fsync on, synchronous commit, quorum queues, confirms). Every contender is
checked for lost, doubled, swapped and invented events. Results: bench-results/events.json and docs/benchmarks.md.

    python -m tests.bench                  # everything, about 15 minutes
    python -m tests.bench --only ours,nameko --count 20000
    python -m tests.bench --backlogs 10000,100000,1000000
    python -m tests.bench --only lifecycle --sizes 1000000
    python -m tests.bench --only helpdesk --sizes 1000000
    python -m tests.bench --only helpdesk.answers
    python -m tests.bench --only inbound
    python -m tests.bench --only streams
    python -m tests.bench --only pieces --plain frames --rounds 5
    python -m tests.bench --only notify.line
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
from launcher.servers import Servers
from launcher.workspace import Workspace
from mtnet_chassis.broker.management import Management
from mtnet_chassis.broker.streams import with_streams
from mtnet_chassis.broker.topology import topology_of
from mtnet_chassis.data.migrations import migrate
from mtnet_chassis.operations.cli import RELAY_NICENESS
from mtnet_chassis.telemetry import configure_logging

from tests.bench import pieces, report
from tests.bench.check import Verdict, check
from tests.bench.processor import Meter
from tests.bench.work import SCHEMA, events

ROOT = Path(__file__).parents[2]
OURS = ROOT / "tests" / "bench" / "ours"
RESULTS = ROOT / "bench-results"
PEERS = {
    "nameko": "stock_nameko",
    "nameko-outbox": "nameko_outbox",
    "faststream": "faststream_peer",
    "celery": "celery_peer",
    "dramatiq": "dramatiq_peer",
}
WITH_RELAY = ("nameko-outbox",)
PACKAGES = {"nameko": "nameko", "faststream": "faststream", "celery": "celery", "dramatiq": "dramatiq"}
STALLED_SECONDS = 60
# A backlog that takes minutes to drain.
LARGE = 1_000_000


class Bench:
    """Two servers, and contenders one after the other on databases and virtual hosts of their own."""

    def __init__(self, directory: Path) -> None:
        self.servers = Servers(Workspace(directory))
        self.postgres, self.rabbit = self.servers.postgres, self.servers.rabbit
        self.made = 0
        self._started = directory / "started"
        self._databases: list[str] = []
        self._vhosts: list[str] = []

    def database(self) -> str:
        self.made += 1
        name = f"bench{self.made}"
        self._databases.append(name)
        with psycopg.connect(self.postgres.dsn(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        migrate(self.postgres.dsn(name))
        with psycopg.connect(self.postgres.dsn(name), autocommit=True) as connection:
            connection.execute(SCHEMA)
        return self.postgres.dsn(name)

    def tidy(self) -> None:
        """Nothing of one contender works on while the next is measured: no vacuum, no checkpoint, no queue."""
        with psycopg.connect(self.postgres.dsn(), autocommit=True) as connection:
            for name in self._databases:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
            connection.execute("CHECKPOINT")
        for name in self._vhosts:
            Management(self.rabbit.management_url, name).remove_vhost()
        self._databases, self._vhosts = [], []
        time.sleep(3)

    def vhost(self) -> tuple[str, Management]:
        name = f"bench{self.made}"
        self._vhosts.append(name)
        management = Management(self.rabbit.management_url, name)
        management.make_vhost()
        return self.rabbit.url(name), management

    # A peer: its own publisher and consumer

    def peer(self, name: str, count: int) -> dict[str, Any]:
        """Producer and consumer side by side, from the first publish to the last effect."""
        dsn = self.database()
        amqp, _ = self.vhost()
        told = {"BENCH_DSN": dsn, "BENCH_AMQP": amqp, "BENCH_COUNT": str(count), "BENCH_SEED": "1"}
        module = f"tests.bench.peers.{PEERS[name]}"
        with running([sys.executable, "-m", module, "consume"], told) as consumer:
            time.sleep(6)
            meter = Meter(self.servers)
            meter.watch("consumer", consumer)
            with contextlib.ExitStack() as stack:
                if name in WITH_RELAY:
                    relay = stack.enter_context(running([sys.executable, "-m", module, "relay"], told))
                    meter.watch("relay", relay)
                    time.sleep(2)
                producer = running([sys.executable, "-m", module, "produce"], told | self._starting())
                meter.watch("producer", stack.enter_context(producer))
                seconds = self._until(dsn, count)
                parts = meter.read()
        assert consumer.returncode is not None
        found = result(count, seconds, parts, check(dsn, {event[0] for event in events(count, 1)}))
        self.tidy()
        return found

    # Ours: outbox, relay, inbox

    def ours(
        self,
        count: int,
        *,
        backlog: bool = False,
        replicas: int = 1,
        plain: str = "",
        checkout: Path = ROOT,
        kept: bool = False,
    ) -> dict[str, Any]:
        """Change and outbox, relay, quorum queue, inbox and effect. With `backlog` the outbox is filled first; the
        pieces named in `plain` (`frames+codec`) are replaced by plain library calls; the code is that of `checkout`.
        Events that somebody was granted are `kept` in streams, too."""
        produced, applied = self.database(), self.database()
        amqp, management = self.vhost()
        sys.path[:0] = [] if str(OURS) in sys.path else [str(OURS)]
        from mtnet_chassis.runtime.services import plan_of

        plan = plan_of("bench")
        events_of_group = [contract for group in plan.groups for contract in group.contracts]
        topology = topology_of([plan])
        management.apply(with_streams(topology, events_of_group, every_event=True) if kept else topology)
        ours = checkout / "tests" / "bench" / "ours"
        libraries = (checkout / "libs" / "chassis", checkout / "libs" / "contracts")
        path = os.pathsep.join(map(str, (ours, checkout, *libraries)))
        common = {
            "PYTHONPATH": path,
            "AMQP_URL": amqp,
            "HEALTH_PORT": "0",
            "LOG_LEVEL": "WARNING",
            "ACTOR_PUBLIC_KEY": base64.b64encode(bytes(32)).decode(),
        }
        told = {"PYTHONPATH": path, "BENCH_DSN": produced, "BENCH_COUNT": str(count), "BENCH_SEED": "1"}
        produce = [sys.executable, str(ours / "produce.py")]
        mtnet = [sys.executable, "-W", "ignore", "-m", "mtnet_chassis.operations.cli"]
        if plain:
            told["BENCH_PLAIN"] = common["BENCH_PLAIN"] = plain
            mtnet = [sys.executable, "-W", "ignore", str(OURS / "plain.py")]
            produce = [*mtnet, "produce"]
        if backlog:
            subprocess.run(
                produce, env=os.environ | told | {"BENCH_TRANSACTION": "500"}, cwd=ROOT, check=True
            )
        meter = Meter(self.servers)
        with contextlib.ExitStack() as stack:
            for _ in range(replicas):
                consumer = running([*mtnet, "serve", "bench"], common | {"DATABASE_URL": applied})
                meter.watch("consumer", stack.enter_context(consumer))
            time.sleep(4)
            relay = running([*mtnet, "relay", "bench"], common | {"DATABASE_URL": produced})
            meter.watch("relay", stack.enter_context(relay))
            if backlog:
                self._started.write_text(str(time.time()))
            else:
                time.sleep(2)
                meter.watch("producer", stack.enter_context(running(produce, told | self._starting())))
            seconds = self._until(applied, count)
            parts = meter.read()
        verdict = check(applied, {event[0] for event in events(count, 1)}, outgoing_table="outbox")
        found = result(count, seconds, parts, verdict)
        if kept and checkout == ROOT:
            found |= {"in_streams": in_streams(management)}
        if backlog:
            found |= {"per_second": drain_rate(applied, count)}
        if count >= LARGE:
            found |= {"tenths_per_second": rates_of_tenths(applied, count)}
        self.tidy()
        return found

    def _starting(self) -> dict[str, str]:
        """What a producer is told so that it says when it began: its imports are not the measurement's."""
        self._started.unlink(missing_ok=True)
        return {"BENCH_STARTED": str(self._started)}

    def _until(self, dsn: str, count: int) -> float:
        """Seconds from the first change to the last effect. Raises TimeoutError when nothing moves any more."""
        moved, before = time.time(), 0
        with psycopg.connect(dsn, autocommit=True) as connection:
            while True:
                row = connection.execute("SELECT coalesce(sum(total), 0)::bigint FROM state").fetchone()
                now = int(row[0]) if row else 0
                if now >= count:
                    last = connection.execute("SELECT extract(epoch FROM max(at)) FROM effect").fetchone()
                    return float(last[0]) - float(self._started.read_text()) if last else 0.0
                if now != before:
                    before, moved = now, time.time()
                if time.time() - moved > STALLED_SECONDS:
                    raise TimeoutError(f"stopped at {now} of {count}")
                time.sleep(0.1)


@contextlib.contextmanager
def serving() -> Iterator[Bench]:
    """Servers that are removed at the end."""
    with tempfile.TemporaryDirectory(prefix="mtnet-bench-") as directory:
        Path(directory).chmod(0o755)
        bench = Bench(Path(directory))
        bench.servers.start()
        try:
            yield bench
        finally:
            bench.servers.remove()


def in_streams(management: Management) -> int:
    """Messages that were kept. The broker counts them every few seconds."""
    time.sleep(6)
    depths = management.queue_depths()
    return sum(count for name, count in depths.items() if name.endswith(".stream"))


def drain_rate(dsn: str, count: int) -> float:
    """Events a second from the first tenth's end to the last effect: starting processes does not count."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            """
            WITH placed AS (SELECT at, row_number() OVER (ORDER BY at) AS place FROM effect)
            SELECT extract(epoch FROM max(at) - max(at) FILTER (WHERE place <= %(count)s / 10)),
                   count(*) FILTER (WHERE at > (SELECT max(at) FROM placed WHERE place <= %(count)s / 10))
            FROM placed
            """,
            {"count": count},
        ).fetchone()
    assert row is not None
    return round(row[1] / float(row[0]), 1)


def rates_of_tenths(dsn: str, count: int) -> list[float]:
    """Events a second in each tenth of the way, the first left out since processes start in it."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            """
            WITH placed AS (SELECT at, (row_number() OVER (ORDER BY at) - 1) * 10 / %s AS tenth FROM effect)
            SELECT extract(epoch FROM max(at)) FROM placed GROUP BY tenth ORDER BY tenth
            """,
            (count,),
        ).fetchall()
    ends = [float(row[0]) for row in rows]
    return [round(count / 10 / (end - begin), 1) for begin, end in pairwise(ends)]


def median_of(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The run in the middle, with the rates of all, and with every fault that any of them had."""
    middle = sorted(runs, key=lambda run: run["per_second"])[(len(runs) - 1) // 2]
    faults = {name: sum(run["check"][name] for run in runs) for name in middle["check"]}
    return middle | {"runs": [run["per_second"] for run in runs], "check": faults}


def result(count: int, seconds: float, parts: dict[str, float], verdict: Verdict) -> dict[str, Any]:
    return {
        "events": count,
        "seconds": round(seconds, 3),
        "per_second": round(count / seconds, 1),
        "processor_microseconds_per_event": {
            part: round(used / count * 1e6, 1) for part, used in parts.items()
        },
        "check": verdict.facts(),
    }


@contextlib.contextmanager
def running(command: list[str], told: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
    process = subprocess.Popen(command, env=os.environ | told, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def conditions() -> dict[str, Any]:
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "processor": model,
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "postgresql": subprocess.run(
            ["psql", "--version"], capture_output=True, text=True, check=False
        ).stdout.strip(),
        "fsync": "on",
        "synchronous_commit": "on",
        "queues": "quorum, one node",
        "publisher_confirms": "on",
        "message_bytes": "402 of JSON, 944 with headers and frames",
        "rabbitmq_scheduler_threads": 1,
        "relay_niceness_ours": RELAY_NICENESS,
        "events_per_transaction_ours": 50,
        "batch_ours": 500,
        **{f"version_{name}": version(package) for name, package in PACKAGES.items()},
    }


def tell(name: str, found: dict[str, Any]) -> None:
    print(f"{name:18} {found['per_second']:10,.0f} events/s   {found['check']}", flush=True)
    print(f"{'':18} µs of processor per event: {found['processor_microseconds_per_event']}", flush=True)


def measure_pieces(names: list[str], count: int, rounds: int) -> None:
    """What each piece of the fast path buys: runs with it and with the plain call, in turns, are pairs.

    Rounds are added to those that bench-results/pieces.json has of the same libraries and count, so that they can be
    measured bit by bit. Those beside another checkout are printed only.
    """
    file = RESULTS / "pieces.json"
    libs = subprocess.run(
        ["git", "rev-parse", "HEAD:libs"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    known = json.loads(file.read_text()) if file.exists() else {}
    if (known.get("count"), known.get("libs")) != (count, libs):
        known = {"count": count, "libs": libs, "conditions": {}, "rounds": []}
    known["conditions"] = conditions()
    here: list[dict[str, Any]] = []
    with serving() as bench:
        bench.ours(count // 4)  # servers that have just started are slower
        for _ in range(rounds):
            found = {}
            for name in ("", *names):
                if "/" in name:
                    found[name] = bench.ours(count, checkout=Path(name).resolve())
                else:
                    found[name] = bench.ours(count // 8 if name in pieces.SLOW else count, plain=name)
                tell(name or "ours", found[name])
            known["rounds"].append({name: run for name, run in found.items() if "/" not in name})
            file.write_text(json.dumps(known, indent=2) + "\n")
            here.append(found)
            pieces.tell(here)
    report.write(ROOT)


def measure_streams(count: int, rounds: int) -> None:
    """Events end to end with and without streams, in turns."""
    runs: dict[str, list[dict[str, Any]]] = {"without": [], "with": []}
    told = conditions()
    with serving() as bench:
        bench.ours(count // 4)  # servers that have just started are slower
        for _ in range(rounds):
            for name, found in runs.items():
                found.append(bench.ours(count, kept=name == "with"))
                tell(f"{name} streams", found[-1])
    RESULTS.mkdir(exist_ok=True)
    results = {"conditions": told} | {name: median_of(found) for name, found in runs.items()}
    (RESULTS / "streams.json").write_text(json.dumps(results, indent=2) + "\n")
    report.write(ROOT)


def measure_portal(seconds: int, rounds: int, *, mails_only: bool) -> None:
    """Pages and mails a second, kept beside what was measured before. `mails_only` keeps the pages' figures."""
    from tests.bench import portal

    machine = {
        name: told
        for name, told in conditions().items()
        if name in ("cores", "processor", "python", "postgresql")
    }
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / "portal.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    if mails_only:
        known["now"] |= portal.run_mails()
    else:
        known["now"] = portal.measured(machine, seconds, rounds)
    file.write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n")
    report.write(ROOT)


def measure_helpdesk(sizes: tuple[int, ...], piece: str) -> None:
    """The desk's list, search and a ticket, with so many tickets; and quick answers. `piece`: one of the two."""
    from tests.bench import desk_answers, helpdesk

    if piece not in ("", "tickets", "answers"):
        raise SystemExit(f"helpdesk.{piece} is neither helpdesk.tickets nor helpdesk.answers")
    if piece != "answers":
        _with_postgres("helpdesk", helpdesk.measured, sizes)
    if piece != "tickets":
        named = ("cores", "processor", "load_before", "python", "postgresql")
        machine = {name: told for name, told in conditions().items() if name in named}
        RESULTS.mkdir(exist_ok=True)
        found = desk_answers.measured(machine)
        desk_answers.tell(found)
        (RESULTS / "desk-answers.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
        report.write(ROOT)


def measure_inbound() -> None:
    """A full mailbox, until all of it is in tickets."""
    from tests.bench import inbound

    _with_postgres("inbound", inbound.measured, inbound.SIZES)


def measure_lifecycle(sizes: tuple[int, ...]) -> None:
    """Lifecycle runs, and the same work row by row."""
    from tests.bench import lifecycle

    _with_postgres("lifecycle", lifecycle.measured, sizes)


def _with_postgres(name: str, measured: Callable[..., dict[str, Any]], sizes: tuple[int, ...]) -> None:
    """What needs a database and nothing else of the portal."""
    machine = {
        name: told
        for name, told in conditions().items()
        if name in ("cores", "processor", "python", "postgresql", "fsync", "synchronous_commit")
    }
    RESULTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="mtnet-bench-") as directory:
        servers = Servers(Workspace(Path(directory)))
        Path(directory).chmod(0o711)
        try:
            servers.start()
            found = measured(servers.postgres, machine, sizes)
        finally:
            servers.remove()
    (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    report.write(ROOT)


def measure_accounts() -> None:
    """Logins, session checks, a signed-in page, and what time tells."""
    from tests.bench import accounts

    named = ("cores", "processor", "load_before", "python", "postgresql")
    machine = {name: told for name, told in conditions().items() if name in named}
    RESULTS.mkdir(exist_ok=True)
    found = accounts.measured(machine)
    (RESULTS / "accounts.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    report.write(ROOT)


def measure_notify(piece: str) -> None:
    """Many messages. `piece`: one of them, kept beside what was measured before; all, where it is empty."""
    from tests.bench import notify

    if piece and piece not in notify.PIECES:
        raise SystemExit(f"notify.{piece} is none of {', '.join(notify.PIECES)}")
    named = ("cores", "processor", "python", "postgresql", "fsync", "synchronous_commit", "version_celery")
    machine = {name: told for name, told in conditions().items() if name in named}
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / "notify.json"
    for name in [piece] if piece else list(notify.PIECES):
        known = json.loads(file.read_text()) if file.exists() else {}
        found = notify.measured(machine, [name], known)
        file.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    report.write(ROOT)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="ours,nameko,nameko-outbox,faststream,celery,dramatiq")
    parser.add_argument("--count", type=int, help="events for ours: 200,000, with --only pieces 80,000")
    parser.add_argument("--peer-count", type=int, default=15_000, help="events for each peer")
    parser.add_argument(
        "--rounds", type=int, help="runs of each: 3, with --only pieces 5; the middle one is told"
    )
    parser.add_argument("--backlogs", default="10000,100000,1000000")
    parser.add_argument("--seconds", type=int, default=8, help="for each page, with --only portal")
    parser.add_argument(
        "--sizes", default="1000000,10000000", help="accounts or tickets, with --only lifecycle, helpdesk"
    )
    parser.add_argument("--skip-backlogs", action="store_true")
    parser.add_argument(
        "--plain",
        default=",".join(pieces.MEASURED),
        help="with --only pieces: what is replaced (a,b,a+b), or another checkout (../before)",
    )
    asked = parser.parse_args()
    configure_logging("bench", "WARNING")  # a full mailbox is one warning a minute, as in a service
    if asked.only == "pieces":
        measure_pieces(asked.plain.split(","), asked.count or 80_000, asked.rounds or 5)
        return
    asked.count, asked.rounds = asked.count or 200_000, asked.rounds or 3
    if asked.only == "streams":
        measure_streams(asked.count, asked.rounds)
        return
    if asked.only == "helpdesk" or asked.only.startswith("helpdesk."):
        sizes = tuple(size for size in map(int, asked.sizes.split(",")) if size <= 1_000_000)
        measure_helpdesk(sizes, asked.only.partition(".")[2])
        return
    if asked.only == "inbound":
        measure_inbound()
        return
    if asked.only == "lifecycle":
        measure_lifecycle(tuple(int(size) for size in asked.sizes.split(",")))
        return
    if asked.only == "accounts":
        measure_accounts()
        return
    if asked.only == "notify" or asked.only.startswith("notify."):
        measure_notify(asked.only.partition(".")[2])
        return
    if asked.only in ("portal", "mails"):
        measure_portal(asked.seconds, asked.rounds, mails_only=asked.only == "mails")
        return
    results: dict[str, Any] = {"conditions": conditions(), "contenders": {}, "backlogs": {}, "replicas": {}}
    with serving() as bench:
        overview = Management(bench.rabbit.management_url, "/").call("GET", "/overview")
        results["conditions"]["rabbitmq"] = (
            f"{overview['rabbitmq_version']}, Erlang {overview['erlang_version']}"
        )
        runs: dict[str, list[dict[str, Any]]] = {}
        # In turns, so that a machine that becomes slower does so for all of them.
        for _ in range(asked.rounds):
            for name in asked.only.split(","):
                found = bench.ours(asked.count) if name == "ours" else bench.peer(name, asked.peer_count)
                runs.setdefault(name, []).append(found)
                tell(name, found)
        results["contenders"] = {name: median_of(found) for name, found in runs.items()}
        if "ours" in asked.only and not asked.skip_backlogs:
            sizes = [int(size) for size in asked.backlogs.split(",")]
            drained: dict[int, list[dict[str, Any]]] = {}
            # Small ones are over in a second: those are repeated.
            for size in [n for n in sizes for _ in range(1 if n >= LARGE else asked.rounds)]:
                drained.setdefault(size, []).append(bench.ours(size, backlog=True))
                tell(f"backlog {size:,}", drained[size][-1])
            results["backlogs"] = {str(size): median_of(found) for size, found in drained.items()}
            replicated: dict[int, list[dict[str, Any]]] = {}
            for replicas in (1, 2) * asked.rounds:
                found = bench.ours(100_000, backlog=True, replicas=replicas)
                replicated.setdefault(replicas, []).append(found)
                tell(f"replicas {replicas}", found)
            results["replicas"] = {str(number): median_of(found) for number, found in replicated.items()}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "events.json").write_text(json.dumps(results, indent=2) + "\n")
    report.picture(results, ROOT / "docs" / "pictures" / "benchmarks.png")
    report.write(ROOT)


if __name__ == "__main__":
    main()
