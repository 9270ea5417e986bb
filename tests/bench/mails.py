"""How fast mails go: from a submitted application to its receipt in the mail server, and how many a second.

The portal's own relay and broker bring the events; notify is a process of its own that hands its mails to a mail server
which does nothing but take them, so that it is not the mail server that is measured.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg
from launcher.portal import Portal, readiness_problem
from launcher.workspace import BIN
from mtnet_chassis.data.database import connect_transactions
from mtnet_chassis.events.outbox import Outbox
from mtnet_contracts.events import ApplicationSubmitted
from mtnet_contracts.examples import example_of

from tests.bench.processor import family, used

RECEIPTS = 60
PAUSE_SECONDS = 0.1
MAILS = 10_000
STALLED_SECONDS = 30
# Written down as if their events had just been handled; they become due together.
DUE = """
WITH written AS (
    INSERT INTO message (message_id, event_id, kind, subject_id, locale, template_version, details, created_at)
    SELECT gen_random_uuid(), gen_random_uuid(), 'application_received', gen_random_uuid(), 'zh-Hant', 3,
        jsonb_build_object('name', '申請人', 'case_number', 'PTAPPLY' || lpad(n::text, 13, '0'),
            'submitted_at', now()), now()
    FROM generate_series(1, %(count)s) AS n
    RETURNING message_id, created_at
)
INSERT INTO delivery (message_id, channel, recipient, priority, next_attempt_at)
SELECT message_id, 'email', message_id || '@example.com', 5, created_at FROM written
"""


class MailServer(threading.Thread):
    """Takes every mail and keeps when it came (monotonic), by recipient."""

    def __init__(self) -> None:
        super().__init__(name="mail-server", daemon=True)
        self.taken: dict[str, float] = {}
        self.port = 0
        self._listens = threading.Event()

    def run(self) -> None:
        asyncio.run(self._serve())

    def wait(self) -> MailServer:
        self.start()
        self._listens.wait(10)
        return self

    async def _serve(self) -> None:
        server = await asyncio.get_running_loop().create_server(lambda: _Session(self.taken), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._listens.set()
        await server.serve_forever()


class _Session(asyncio.Protocol):
    """As much of RFC 5321 as one client needs that makes no mistakes."""

    def __init__(self, taken: dict[str, float]) -> None:
        self._taken = taken
        self._rest = b""
        self._in_mail = False
        self._recipients: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 bench.mtnet.example ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while (end := self._rest.find(b"\r\n.\r\n" if self._in_mail else b"\r\n")) >= 0:
            if self._in_mail:
                self._rest, self._in_mail = self._rest[end + 5 :], False
                self._taken |= dict.fromkeys(self._recipients, time.monotonic())
                self._transport.write(b"250 2.0.0 Taken\r\n")
            else:
                line, self._rest = self._rest[:end], self._rest[end + 2 :]
                self._transport.write(self._answer(line))

    def _answer(self, line: bytes) -> bytes:
        command = line[:4].upper()
        if command == b"EHLO":
            return b"250-bench.mtnet.example\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 SMTPUTF8\r\n"
        if command == b"MAIL":
            self._recipients = []
        if command == b"RCPT":
            self._recipients.append(line.partition(b"<")[2].partition(b">")[0].decode())
        if command == b"DATA":
            self._in_mail = True
            return b"354 Go on\r\n"
        if command == b"QUIT":
            self._transport.close()
        return b"250 2.0.0 OK\r\n"


@contextmanager
def notify_with(portal: Portal, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The portal's notify steps aside for one that knows this mail server, and no limit."""
    told = portal.environments.of("notify") | {
        "NOTIFY_SMTP_URL": f"smtp://127.0.0.1:{port}",
        "NOTIFY_MAILS_PER_SECOND": "1000000",
    }
    portal.supervisor.stop_program("notify")
    process = subprocess.Popen(
        [str(BIN / "mtnet"), "serve", "notify"],
        env=os.environ | told,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while readiness_problem(portal.ports["notify_health"]):
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(40)
        portal.supervisor.start_program("notify")
        portal.supervisor.wait_ready("notify")


def receipts(portal: Portal, server: MailServer, count: int = RECEIPTS) -> dict[str, Any]:
    """Milliseconds from the commit of a submission to its receipt in the mail server, one at a time."""
    transactions = connect_transactions(portal.environments.of("accounts")["DATABASE_URL"], 1)
    took = []
    try:
        for number in range(count):
            event = a_submission()
            with transactions.transaction() as tx:
                Outbox(tx).announce(event)
            committed = time.monotonic()
            if number:  # the first one opens the connections
                took.append(arrival(server, event.applicant.email) - committed)
            else:
                arrival(server, event.applicant.email)
            time.sleep(PAUSE_SECONDS)
    finally:
        transactions.close()
    took.sort()
    return {
        "receipts": len(took),
        "milliseconds_50": round(statistics.median(took) * 1000, 1),
        "milliseconds_95": round(took[int(len(took) * 0.95)] * 1000, 1),
    }


def a_submission() -> ApplicationSubmitted:
    example = example_of(ApplicationSubmitted)
    applicant = replace(example.applicant, email=f"{uuid4()}@example.com")
    return replace(example, application_id=uuid4(), applicant=applicant)


def arrival(server: MailServer, recipient: str) -> float:
    deadline = time.monotonic() + STALLED_SECONDS
    while recipient not in server.taken:
        if time.monotonic() > deadline:
            raise TimeoutError(f"no mail to {recipient}")
        time.sleep(0.001)
    return server.taken[recipient]


def rate(
    portal: Portal, server: MailServer, notify: subprocess.Popen[bytes], count: int = MAILS
) -> dict[str, Any]:
    """Mails a second, of many that are due together, from the first tenth on: connections are opened by then."""
    server.taken.clear()
    postgres = portal.postgres

    def used_by() -> dict[str, float]:
        return {
            "notify": sum(used(pid) for pid in family(notify.pid)),
            "PostgreSQL": sum(
                used(pid, ended_children=True) for pid in family(portal.supervisor.pid("postgresql"))
            ),
        }

    before = used_by()
    with psycopg.connect(postgres.dsn("mtnet_notify"), autocommit=True) as connection:
        connection.execute(DUE, {"count": count})
        moved, seen = time.monotonic(), 0
        while seen < count:
            time.sleep(0.05)
            if len(server.taken) != seen:
                moved, seen = time.monotonic(), len(server.taken)
            elif time.monotonic() - moved > STALLED_SECONDS:
                raise TimeoutError(f"stopped at {seen} of {count} mails")
        waiting = "SELECT count(*) FROM delivery WHERE state = 'waiting'"
        while connection.execute(waiting).fetchone() != (0,):
            time.sleep(0.05)
    after = used_by()
    came = sorted(server.taken.values())[count // 10 :]
    return {
        "mails": count,
        "per_second": round((len(came) - 1) / (came[-1] - came[0]), 1),
        "processor_milliseconds_per_mail": {
            part: round((after[part] - before[part]) / count * 1000, 3) for part in after
        },
    }


def run(portal: Portal) -> dict[str, Any]:
    server = MailServer().wait()
    with notify_with(portal, server.port) as notify:
        found = receipts(portal, server)
        found |= rate(portal, server, notify)
    tell(found)
    return found


def tell(found: dict[str, Any]) -> None:
    print(
        f"{'receipt of a submission':34} p50 {found['milliseconds_50']} ms  p95 {found['milliseconds_95']} ms"
    )
    print(f"{'mails':34} {found['per_second']:8,.0f}/s")
    print(
        f"{'':34} ms of processor a mail: {found['processor_milliseconds_per_mail']}",
        flush=True,
    )
