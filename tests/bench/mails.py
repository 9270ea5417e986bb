"""How fast mails go: a receipt, many that are due together, and the code that somebody asks for meanwhile.

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
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
from launcher.portal import Portal, readiness_problem
from launcher.workspace import BIN
from mtnet_chassis.data.database import connect_transactions
from mtnet_chassis.data.sealing import seal
from mtnet_chassis.events.outbox import Outbox
from mtnet_contracts.events import VerificationCodeRequested
from mtnet_contracts.examples import example_of

from tests.bench.processor import family, used

MAILS = 10_000
STALLED_SECONDS = 30
CODE_EVERY_SECONDS = 0.5
# Written down as if their events had just been handled; they become due together.
DUE = """
WITH written AS (
    INSERT INTO message (message_id, event_id, kind, subject_id, locale, template_version, details, category,
        created_at)
    SELECT gen_random_uuid(), gen_random_uuid(), 'application_received', gen_random_uuid(), 'zh-Hant', 3,
        jsonb_build_object('name', '申請人', 'case_number', 'PTAPPLY' || lpad(n::text, 13, '0'),
            'submitted_at', now()), 'information', now()
    FROM generate_series(1, %(count)s) AS n
    RETURNING message_id, created_at
)
INSERT INTO delivery (delivery_id, message_id, channel, recipient, priority, next_attempt_at)
SELECT message_id, message_id, 'email', message_id || '@example.com', 5, created_at FROM written
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


class Codes:
    """Codes that people ask for while the many mails go out; and how long each took from its commit."""

    def __init__(self, portal: Portal) -> None:
        told = portal.environments.of("accounts")
        self._key = told["SEALING_PUBLIC_KEY"]
        self._transactions = connect_transactions(told["DATABASE_URL"], 1)
        self.asked_at: dict[str, float] = {}

    def ask(self) -> None:
        challenge_id, recipient = uuid4(), f"{uuid4()}@example.com"
        event = replace(
            example_of(VerificationCodeRequested),
            challenge_id=challenge_id,
            channel="email",
            recipient=recipient,
            sealed_code=seal(self._key, "482913", str(challenge_id)),
            expires_at=datetime.now(UTC) + timedelta(minutes=10),
        )
        with self._transactions.transaction() as tx:
            Outbox(tx).announce(event)
        self.asked_at[recipient] = time.monotonic()

    def is_due(self) -> bool:
        return time.monotonic() - max(self.asked_at.values(), default=0.0) >= CODE_EVERY_SECONDS

    def taken(self, server: MailServer) -> list[float]:
        """Seconds of each that has arrived."""
        return [server.taken[to] - at for to, at in self.asked_at.items() if to in server.taken]

    def close(self) -> None:
        self._transactions.close()


def rate(
    portal: Portal, server: MailServer, notify: subprocess.Popen[bytes], count: int = MAILS
) -> dict[str, Any]:
    """Mails a second, of many that are due together, from the first tenth on: connections are opened by then.

    Every half second somebody asks for a code.
    """
    server.taken.clear()
    postgres, codes = portal.postgres, Codes(portal)

    def used_by() -> dict[str, float]:
        return {
            "notify": sum(used(pid) for pid in family(notify.pid)),
            "PostgreSQL": sum(
                used(pid, ended_children=True) for pid in family(portal.supervisor.pid("postgresql"))
            ),
        }

    before = used_by()
    with closing(codes), psycopg.connect(postgres.dsn("mtnet_notify"), autocommit=True) as connection:
        connection.execute(DUE, {"count": count})
        moved, seen = time.monotonic(), 0
        while seen < count:
            if codes.is_due():
                codes.ask()
            time.sleep(0.05)
            if (now := len(server.taken) - len(codes.taken(server))) != seen:
                moved, seen = time.monotonic(), now
            elif time.monotonic() - moved > STALLED_SECONDS:
                raise TimeoutError(f"stopped at {seen} of {count} mails")
        waiting = "SELECT count(*) FROM delivery WHERE state = 'waiting'"
        while connection.execute(waiting).fetchone() != (0,) or len(codes.taken(server)) < len(
            codes.asked_at
        ):
            time.sleep(0.05)
    after, waited = used_by(), sorted(codes.taken(server))
    came = sorted(at for to, at in server.taken.items() if to not in codes.asked_at)[count // 10 :]
    return {
        "mails": count,
        "per_second": round((len(came) - 1) / (came[-1] - came[0]), 1),
        "codes_meanwhile": {
            "codes": len(waited),
            "milliseconds_50": round(statistics.median(waited) * 1000, 1),
            "milliseconds_longest": round(waited[-1] * 1000, 1),
        },
        "processor_milliseconds_per_mail": {
            part: round((after[part] - before[part]) / count * 1000, 3) for part in after
        },
    }
