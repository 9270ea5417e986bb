"""How notify fares with many messages: accepted, mailed beside Celery, told to LINE's followers, overtaken by a code.

`make bench ONLY=notify`, or one piece of it: `ONLY=notify.line`. The whole portal runs as with `make run`; mails go to
a server that does nothing but take them, LINE is the sandbox's. Each piece keeps when, and under which load, it was
measured.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID

import httpx
import psycopg
from launcher.portal import Portal
from mtnet_chassis.broker.management import Management
from mtnet_chassis.data.database import connect_transactions
from mtnet_chassis.events.outbox import Outbox
from mtnet_contracts.event import new_event_id
from mtnet_contracts.events import AccountFrozen
from mtnet_contracts.examples import example_of

from tests.bench import submissions
from tests.bench.mails import Codes, MailServer, notify_with, rate
from tests.bench.peers import celery_mails
from tests.bench.portal import Stand
from tests.bench.processor import family, used

ROOT = Path(__file__).parents[2]
ACCEPTED = MAILS = 10_000
FOLLOWERS = 100_000
ADDED_AT_ONCE = 5_000
CELERY_PROCESSES = (2, 4)
OVERTAKING_SECONDS = 20
PATIENCE_SECONDS = 120
# Nobody listens there.
DISCARD_PORT = 9

OF_FROZEN: LiteralString = "FROM message WHERE kind = 'account_frozen'"
CANCEL_WAITING: LiteralString = (
    "UPDATE delivery SET state = 'cancelled', next_attempt_at = NULL, finished_at = now()"
    " WHERE state = 'waiting'"
)
# Accounts that are known to notify, reached by LINE or by mail.
PEOPLE = """
WITH made AS (SELECT gen_random_uuid() AS id, line_id FROM unnest(%(line_ids)s::text[]) AS crowd (line_id)),
contacts AS (INSERT INTO account_contact (account_id, name, email, locale)
    SELECT id, '王小明', id || '@example.com', 'zh-Hant' FROM made),
persons AS (INSERT INTO person (person_kind, person_id) SELECT 'account', id FROM made),
mails AS (INSERT INTO contact_point (person_kind, person_id, channel, address, position, proved_at, state_as_of)
    SELECT 'account', id, 'email', id || '@example.com', 1, now(), now() FROM made),
lines AS (INSERT INTO contact_point (person_kind, person_id, channel, address, position, proved_at, state_as_of)
    SELECT 'account', id, 'line', line_id, 0, now(), now() FROM made WHERE line_id <> ''),
chosen AS (INSERT INTO preference (person_kind, person_id, category, channels, chosen_at)
    SELECT 'account', id, 'information', '{line}', now() FROM made WHERE line_id <> '')
SELECT id FROM made
"""
BROADCAST = {
    "title_zh": "系統維護通知",
    "body_zh": "本平臺週日 02:00 至 04:00 維護，期間無法登入。",
    "title_en": "Maintenance",
    "body_en": "The portal is maintained on Sunday from 02:00 to 04:00.",
    "category": "information",
    "segment": "everybody",
    "segment_of": None,
}


def measured(conditions: dict[str, Any], names: Sequence[str], known: dict[str, Any]) -> dict[str, Any]:
    """The pieces of these names, beside those that are known."""
    found = dict(known) | {"conditions": conditions}
    with tempfile.TemporaryDirectory(prefix="mtnet-bench-") as directory:
        Path(directory).chmod(0o755)
        stand = Stand(Path(directory))
        try:
            stand.start()
            for name in names:
                load = round(os.getloadavg()[0], 2)
                found[name] = PIECES[name](stand) | {
                    "at": datetime.now(UTC).isoformat(timespec="seconds"),
                    "load_before": load,
                }
                print(name, found[name], flush=True)
        finally:
            stand.portal.remove()
    return found


def accepted(stand: Stand) -> dict[str, Any]:
    """Events that wait in the queue become messages with deliveries, committed. Nobody takes the mails meanwhile.

    From the first tenth on: the process has started by then.
    """
    portal = stand.portal
    portal.supervisor.stop_program("notify")
    with psycopg.connect(portal.postgres.dsn("mtnet_notify"), autocommit=True) as notify:
        ids = _people(notify, [""] * ACCEPTED)
        with (
            closing(connect_transactions(portal.environments.of("accounts")["DATABASE_URL"], 1)) as accounts,
            psycopg.connect(portal.postgres.dsn("mtnet_accounts"), autocommit=True) as outbox,
        ):
            for several in batches(ids, 500):
                with accounts.transaction() as tx:
                    Outbox(tx).announce_many([_frozen(account_id) for account_id in several])
            _until(lambda: _number(outbox, "SELECT count(*) FROM outbox") == 0, "the relay")
        with notify_with(portal, DISCARD_PORT):
            _until(lambda: _number(notify, f"SELECT count(*) {OF_FROZEN}") == ACCEPTED, "messages")
        row = notify.execute(
            f"WITH placed AS (SELECT created_at, row_number() OVER (ORDER BY created_at) AS place {OF_FROZEN})"
            " SELECT count(*) FILTER (WHERE place > %(tenth)s) / extract(epoch FROM max(created_at)"
            " - max(created_at) FILTER (WHERE place <= %(tenth)s)) FROM placed",
            {"tenth": ACCEPTED // 10},
        ).fetchone()
        notify.execute(CANCEL_WAITING)
    assert row is not None
    return {"messages": ACCEPTED, "per_second": round(float(row[0]), 1)}


def mails(stand: Stand) -> dict[str, Any]:
    """Mails that are due together, by notify and as Celery jobs, in turns; the same mails, the same mail server."""
    server, ours = MailServer().wait(), []
    celery: dict[int, list[float]] = {number: [] for number in CELERY_PROCESSES}
    for _ in range(2):
        with notify_with(stand.portal, server.port) as notify:
            ours.append(rate(stand.portal, server, notify, MAILS))
        stand.portal.supervisor.stop_program("notify")
        for processes, rates in celery.items():
            rates.append(celery_rate(stand.portal, server, processes))
        stand.portal.supervisor.start_program("notify")
        stand.portal.supervisor.wait_ready("notify")
    best = min(ours, key=lambda found: float(found["per_second"]))
    return {
        **best,
        "runs": [found["per_second"] for found in ours],
        "celery": {
            str(number): {"per_second": min(rates), "runs": rates} for number, rates in celery.items()
        },
    }


def celery_rate(portal: Portal, server: MailServer, processes: int) -> float:
    """Mails a second from the first tenth on, of jobs that all wait in the queue before a worker starts."""
    server.taken.clear()
    name = f"celery{processes}"
    management = Management(portal.rabbit.management_url, name)
    management.make_vhost()
    with psycopg.connect(portal.postgres.dsn(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    told = {
        "BENCH_AMQP": portal.rabbit.url(name),
        "BENCH_DSN": portal.postgres.dsn(name),
        "BENCH_SMTP_PORT": str(server.port),
        "BENCH_COUNT": str(MAILS),
        "BENCH_PROCESSES": str(processes),
    }
    command = [sys.executable, "-W", "ignore", "-m", "tests.bench.peers.celery_mails"]
    try:
        with psycopg.connect(told["BENCH_DSN"], autocommit=True) as results:
            results.execute(celery_mails.SCHEMA)
            subprocess.run([*command, "produce"], env=os.environ | told, cwd=ROOT, check=True)
            worker = subprocess.Popen([*command, "consume"], env=os.environ | told, cwd=ROOT)
            try:
                _until(
                    lambda: _number(results, "SELECT count(*) FROM mail_result") == MAILS, "Celery's mails"
                )
            finally:
                worker.terminate()
                worker.wait(40)
    finally:
        management.remove_vhost()
    came = sorted(server.taken.values())[MAILS // 10 :]
    return round((len(came) - 1) / (came[-1] - came[0]), 1)


def line(stand: Stand) -> dict[str, Any]:
    """A broadcast to followers of the sandbox's LINE: seconds from the start to the record of the last call."""
    followers = _asked(stand, "POST", "/api/line/users", {"count": FOLLOWERS})
    runs = []
    with psycopg.connect(stand.portal.postgres.dsn("mtnet_notify"), autocommit=True) as notify:
        ids = _people(notify, followers)
        notify.execute("ANALYZE")
        for _ in range(3):
            broadcast = Broadcast(stand, ids)
            before, used_before = _asked(stand, "GET", "/api/line"), _used(stand)
            broadcast.start()
            _until(partial(_called, notify, broadcast.id), "the last call")
            used_after = _used(stand)
            _until(partial(broadcast.is_in, "finished", notify), "the broadcast")
            row = notify.execute(
                "SELECT extract(epoch FROM max(c.closed_at) - min(b.started_at)), count(*) FROM broadcast b"
                " JOIN broadcast_chunk c USING (broadcast_id) WHERE broadcast_id = %s",
                (broadcast.id,),
            ).fetchone()
            after = _asked(stand, "GET", "/api/line")
            assert row is not None
            reached = after["reached"] - before["reached"]
            spent = {part: round(used_after[part] - used_before[part], 2) for part in used_after}
            seconds = round(float(row[0]), 2)
            runs.append({"seconds": seconds, "calls": row[1], "reached": reached, "processor_seconds": spent})
    middle = sorted(runs, key=lambda run: float(run["seconds"]))[1]
    return {**middle, "followers": FOLLOWERS, "runs": [run["seconds"] for run in runs]}


def overtaking(stand: Stand) -> dict[str, Any]:
    """Codes that people ask for while a broadcast goes out by mail, each half second; milliseconds from the commit."""
    server = MailServer().wait()
    with (
        notify_with(stand.portal, server.port),
        psycopg.connect(stand.portal.postgres.dsn("mtnet_notify"), autocommit=True) as notify,
    ):
        broadcast = Broadcast(stand, _people(notify, [""] * FOLLOWERS))
        with closing(Codes(stand.portal)) as codes:
            broadcast.start()
            _until(lambda: len(server.taken) > 0, "the first mail")
            end = time.monotonic() + OVERTAKING_SECONDS
            while time.monotonic() < end:
                if codes.is_due():
                    codes.ask()
                time.sleep(0.01)
            sent = len(server.taken)
            _until(lambda: len(codes.taken(server)) == len(codes.asked_at), "codes")
            waited = sorted(codes.taken(server))
        broadcast.cancel()
        _until(partial(broadcast.is_in, "cancelled", notify), "the end of the broadcast")
        notify.execute(CANCEL_WAITING)
    return {
        "people": FOLLOWERS,
        "mails_meanwhile": sent,
        "codes": len(waited),
        "milliseconds_50": round(statistics.median(waited) * 1000, 1),
        "milliseconds_longest": round(waited[-1] * 1000, 1),
    }


def receipt(stand: Stand) -> dict[str, Any]:
    """From the request that submits an application to its receipt in the mail server."""
    server, programs = MailServer().wait(), submissions.Programs(stand.portal)
    ready = programs.ready(submissions.SUBMISSIONS + 1)
    with closing(programs), notify_with(stand.portal, server.port):
        return submissions.measure(stand.portal, programs, server, ready)


PIECES: dict[str, Callable[[Stand], dict[str, Any]]] = {
    "accepted": accepted,
    "mails": mails,
    "line": line,
    "overtaking": overtaking,
    "receipt": receipt,
}


def section(found: dict[str, Any]) -> str:
    """What docs/benchmarks.md says; a piece that was not measured yet is left out."""
    told = found["conditions"]
    lines = [
        "## Many messages",
        "",
        "Written by `make bench ONLY=notify`, or `ONLY=notify.line` for one piece; the figures are those of",
        "`bench-results/notify.json`. The whole portal runs as with `make run` on the same machine, and so does",
        "what it writes to: a mail server that does nothing but take mails, and the sandbox's LINE.",
        "Rates from the first tenth on.",
        "*Load* is how many processes were at work on the machine before. Where it is above the number of cores",
        f"({told['cores']}), others were busy beside it, and figures are worse, those of Celery too.",
        "",
        "| | | target | load | at |",
        "| --- | ---: | ---: | ---: | --- |",
    ]
    for name, row in ROWS.items():
        if name in found:
            for title, figure, target in row(found[name]):
                lines.append(
                    f"| {title} | {figure} | {target} | {found[name]['load_before']:.1f} |"
                    f" {found[name]['at'][:16].replace('T', ' ')} |"
                )
    lines += [
        "",
        "The same mails in Celery: a job for each, acknowledged late, tried again with back-off, a row in PostgreSQL",
        "for each outcome, a connection to the mail server that its process keeps. It keeps no lease, shares no pace,",
        "and sends a mail again whose outcome it could not record.",
        "",
        f"Python {told['python']}, {told['postgresql']}, Celery {told['version_celery']}, fsync and synchronous commit"
        " on.",
    ]
    return "\n".join(lines) + "\n"


Row = tuple[str, str, str]
ROWS: dict[str, Callable[[dict[str, Any]], list[Row]]] = {
    "accepted": lambda found: [
        (
            f"{found['messages']:,} events of a queue become messages, committed",
            f"{found['per_second']:,.0f}/s",
            "≥ 1,000/s",
        )
    ],
    "mails": lambda found: [
        (
            f"{found['mails']:,} mails into a mail server (the slower of {len(found['runs'])} runs)",
            f"{found['per_second']:,.0f}/s",
            "≥ 1,000/s",
        ),
        *(
            (f"the same in Celery, {number} processes", f"{peer['per_second']:,.0f}/s", "")
            for number, peer in found["celery"].items()
        ),
    ],
    "line": lambda found: [
        (
            f"a broadcast to {found['followers']:,} LINE followers, from the start to the last of {found['calls']}"
            f" calls (the middle of {', '.join(f'{each:.1f}' for each in sorted(found['runs']))}; processor:"
            f" {', '.join(f'{part} {spent:.1f} s' for part, spent in found.get('processor_seconds', {}).items())})",
            f"{found['seconds']:.1f} s",
            "< 2 s",
        )
    ],
    "overtaking": lambda found: [
        (
            f"a code while a broadcast to {found['people']:,} goes out by mail: half of {found['codes']} within",
            f"{found['milliseconds_50']:.0f} ms",
            "",
        ),
        ("the slowest of these codes", f"{found['milliseconds_longest']:.0f} ms", "< 1,000 ms"),
    ],
    "receipt": lambda found: [
        (
            f"from the request that submits to the receipt in the mail server: half of {found['submissions']} within",
            f"{found['to_the_receipt']['milliseconds_50']:.0f} ms",
            "< 100 ms",
        )
    ],
}


class Broadcast:
    """One text to these accounts, ready to be started; by the operators' programming interface."""

    def __init__(self, stand: Stand, account_ids: Sequence[UUID]) -> None:
        session = stand.sessions_of("operator1", 1)[0]
        self._http = httpx.Client(
            base_url=f"{stand.portal.url}/api/v1",
            headers={"Authorization": f"Bearer {session}"},
            timeout=60,
            trust_env=False,
        )
        self.id = self._post("", BROADCAST)["broadcast_id"]
        for number, several in enumerate(batches(account_ids, ADDED_AT_ONCE)):
            ids = [str(each) for each in several]
            self._post("/people", {"person_kind": "account", "person_ids": ids, "first": number == 0})
        self._counted = self._post("/count", {})

    def start(self) -> None:
        counted = self._counted
        asked = {"version": counted["version"], "people": counted["people"]}
        self._post("/start", asked | {"start_at": None, "per_second": None})

    def cancel(self) -> None:
        self._post("/cancel", {})

    def is_in(self, state: str, notify: psycopg.Connection[Any]) -> bool:
        found = notify.execute("SELECT state FROM broadcast WHERE broadcast_id = %s", (self.id,)).fetchone()
        return found == (state,)

    def _post(self, below: str, body: dict[str, Any]) -> Any:
        path = f"/{self.id}{below}" if below else ""
        answer = self._http.post(f"/operations/broadcasts{path}", json=body)
        if answer.is_error:
            raise RuntimeError(f"{below}: {answer.status_code} {answer.text[:500]}")
        return answer.json()


def _called(notify: psycopg.Connection[Any], broadcast_id: str) -> bool:
    """All people are taken up, and no chunk waits for its call."""
    row = notify.execute(
        "SELECT frozen_to = people AND NOT EXISTS (SELECT FROM broadcast_chunk c"
        " WHERE c.broadcast_id = b.broadcast_id AND c.state = 'waiting') FROM broadcast b WHERE broadcast_id = %s",
        (broadcast_id,),
    ).fetchone()
    return row == (True,)


def _used(stand: Stand) -> dict[str, float]:
    """Processor seconds by part."""
    pid = stand.portal.supervisor.pid
    return {
        "notify": sum(used(member) for member in family(pid("notify"))),
        "PostgreSQL": sum(used(member, ended_children=True) for member in family(pid("postgresql"))),
        "LINE": sum(used(member) for member in family(pid("sandbox"))),
    }


def batches(ids: Sequence[UUID], size: int) -> Iterator[Sequence[UUID]]:
    for begin in range(0, len(ids), size):
        yield ids[begin : begin + size]


def _people(notify: psycopg.Connection[Any], line_ids: Sequence[str]) -> list[UUID]:
    """An account for each; an empty LINE id: reached by mail."""
    return [row[0] for row in notify.execute(PEOPLE, {"line_ids": list(line_ids)}).fetchall()]


def _frozen(account_id: UUID) -> AccountFrozen:
    return replace(example_of(AccountFrozen), event_id=new_event_id(), account_id=account_id)


def _number(connection: psycopg.Connection[Any], question: LiteralString) -> int:
    row = connection.execute(question).fetchone()
    return int(row[0]) if row else 0


def _asked(stand: Stand, method: str, path: str, body: Any = None) -> Any:
    """Of the sandbox."""
    with httpx.Client(base_url=stand.portal.inbox_url, timeout=120, trust_env=False) as http:
        answer = http.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json()


def _until(done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come")
        time.sleep(0.05)
