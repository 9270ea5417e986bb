"""How many mails a second become entries of tickets: from a real mailbox, kept and committed before they are marked.

`make bench ONLY=inbound`. Debian's Dovecot, a private PostgreSQL as in `make run`, and the two threads of the service:
one reads the mailbox, one understands and records. Of ten mails seven are of somebody new, two go on with a thread that
was opened before, one has a file. No broker: what is announced waits in the outbox, which a process of its own sends.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import psycopg
from helpdesk.inbound.actions import Understander
from helpdesk.inbound.mailbox import LARGEST_READ, MailReader
from helpdesk.inbound.rules import OurAddresses
from helpdesk.inbound.understanding import Reader
from launcher.servers.postgres import PostgresServer
from mtnet_chassis.data.database import Transactions, connect_transactions
from mtnet_chassis.data.files import Files
from mtnet_chassis.data.migrations import migrate
from mtnet_chassis.runtime.imap import ImapMailbox
from mtnet_chassis.runtime.services import migrations_of
from mtnet_chassis.testing.certificates import make_certificate
from mtnet_chassis.testing.dovecot import Dovecot

SIZES = (3_000,)
ROUNDS = 3
OURS = OurAddresses(frozenset({"service@mtnet.example"}))
TEXT = "您好，我的帳號無法登入，按下送出後沒有反應，請協助處理。船舶進港申請單 AA-01 於昨日送出。\n" * 6


def measured(postgres: PostgresServer, machine: dict[str, Any], sizes: tuple[int, ...]) -> dict[str, Any]:
    """Each size three times, the middle one counts."""
    runs = []
    for size in sizes:
        rounds = sorted((_run(postgres, size, number) for number in range(ROUNDS)), key=_per_second)
        runs.append(rounds[ROUNDS // 2] | {"rounds": [_per_second(each) for each in rounds]})
    return {"at": datetime.now(UTC).isoformat(timespec="seconds"), "conditions": machine, "runs": runs}


def _per_second(run: dict[str, Any]) -> float:
    return float(run["per_second"])


def tell(run: dict[str, Any]) -> None:
    print(
        f"{run['mails']:>9,} mails   {run['per_second']:7.0f} a second into tickets",
        flush=True,
    )


def a_mail(number: int) -> bytes:
    sender = number if number % 10 not in (3, 7) else number - 3
    mail = EmailMessage()
    mail["From"] = f"承辦人 {sender} <clerk{sender}@agency{sender % 50}.example>"
    mail["To"] = "MTNet <service@mtnet.example>"
    mail["Subject"] = f"{'Re: ' if sender != number else ''}無法送出船舶進港申請 {sender}"
    mail["Message-ID"] = f"<{number}@agency.example>"
    if sender != number:
        mail["In-Reply-To"] = mail["References"] = f"<{sender}@agency.example>"
    mail["Date"] = "Thu, 26 Nov 2026 09:00:00 +0800"
    mail.set_content(TEXT + str(number))
    mail.add_alternative(f"<html><body><p>{TEXT}</p><p>{number}</p></body></html>", subtype="html")
    if number % 10 == 5:
        mail.add_attachment(
            b"%PDF-1.7\n" + bytes(20_000), maintype="application", subtype="pdf", filename="申請單.pdf"
        )
    return mail.as_bytes()


def _run(postgres: PostgresServer, size: int, number: int) -> dict[str, Any]:
    with _database(postgres, f"inbound{number}") as database, _mailbox(size) as mailbox, _folder() as folder:
        files = Files(folder.as_uri())
        reader = MailReader(mailbox, database, files, _now)
        understander = Understander(database, Reader(files, None, OURS, _now), _now)
        began, kept = time.perf_counter(), threading.Event()

        def read() -> None:
            while reader.read_new():
                pass
            kept.set()

        thread = threading.Thread(target=read)
        thread.start()
        while not (kept.is_set() and not understander.work()):
            if not understander.work():
                kept.wait(0.005)
        seconds = time.perf_counter() - began
        thread.join()
        with database.transaction() as tx:
            found = tx.execute("SELECT count(*), count(DISTINCT item_id) FROM entry").fetchone()
        if found != (size, size):
            raise AssertionError(f"{found} of {size} mails are there")
    return {"mails": size, "seconds": seconds, "per_second": size / seconds}


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _database(postgres: PostgresServer, name: str) -> Iterator[Transactions]:
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    migrate(postgres.dsn(name), migrations_of("helpdesk"))
    transactions = connect_transactions(postgres.dsn(name), size=4)
    try:
        yield transactions
    finally:
        transactions.close()
        with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _mailbox(size: int) -> Iterator[ImapMailbox]:
    """With so many mails that nobody has read."""
    with _folder("dovecot") as home, _folder("certificate") as certificate:
        server = Dovecot(home, make_certificate(certificate))
        server.start()
        try:
            server.put(*(a_mail(number) for number in range(size)))
            os.environ["SSL_CERT_FILE"] = str(home / "certificate.pem")
            mailbox = ImapMailbox(server.url, "HELPDESK_IMAP_URL", LARGEST_READ)
            yield mailbox
            mailbox.close()
        finally:
            server.stop()


@contextmanager
def _folder(name: str = "files") -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=f"mtnet-bench-{name}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def section(found: dict[str, Any]) -> str:
    """For docs/benchmarks.md."""
    told = found["conditions"]
    lines = [
        "# How fast a full mailbox becomes tickets",
        "",
        "Written by `make bench ONLY=inbound`; the figures are those of `bench-results/inbound.json`. Debian's",
        "Dovecot, PostgreSQL with `fsync`; a mail is marked as read when it is committed. Seven of ten are of",
        f"somebody new, two go on with a thread, one has a file. The middle one of {ROUNDS} runs.",
        "",
        "| mails | a second into tickets |",
        "| ---: | ---: |",
        *(f"| {run['mails']:,} | {run['per_second']:.0f} |" for run in found["runs"]),
        "",
        f"Measured {found['at'][:10]} on {told['cores']} cores, Python {told['python']}, {told['postgresql']}.",
    ]
    return "\n".join(lines) + "\n"
