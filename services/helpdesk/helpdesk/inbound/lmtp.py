"""The listener for a mail server that delivers directly (LMTP, RFC 2033): `python -m helpdesk.inbound.lmtp`.

A process of its own: it waits for many slow connections at once with asyncio, which a service of green threads cannot.
A mail is answered with 250 once its bytes are safe, under the same key as one of the mailbox: whatever is delivered
twice, or by both ways, is one item.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session
from mtnet_chassis.data.database import Transactions, connect_transactions
from mtnet_chassis.data.files import Files
from mtnet_chassis.settings import env, env_int
from mtnet_chassis.telemetry import HealthServer, configure_logging, logger
from prometheus_client import Counter, Gauge
from psycopg_pool import PoolTimeout

from helpdesk.inbound.keeping import Raw, keep
from helpdesk.inbound.reading import key_of
from helpdesk.inbound.rules import LARGEST_RAW_BYTES, Channel, OurAddresses, is_for_us, listening_at
from helpdesk.inbound.store import InboundStore
from helpdesk.inbound.workers import our_addresses
from helpdesk.settings import settings

MOST_CONNECTIONS = 50
MOST_RECIPIENTS = 100
# Of all connections together, while they send.
MOST_BYTES = 8 * LARGEST_RAW_BYTES
# Between two commands, and for a whole mail.
COMMAND_SECONDS, MAIL_SECONDS = 60.0, 300.0
STORES_AT_ONCE = 4
# Mail programs keep to 998 characters (RFC 5322); what is longer comes in all the same.
LONGEST_LINE = 256 * 1024
STOP_SECONDS = 20.0

OPEN = Gauge("mtnet_inbound_lmtp_connections", "Open connections of mail servers that deliver directly.")
ANSWERED = Counter("mtnet_inbound_lmtp_total", "Mails by what the server was answered.", ["answer"])

KEPT = "250 2.0.0 Kept"
TOO_LARGE = "552 5.3.4 Larger than 35 MB"
TOO_MUCH_AT_ONCE = "452 4.3.1 Too much at once, try again later"
AWAY = "451 4.3.0 Cannot be kept at present, try again later"
NOBODY_HERE = "550 5.1.1 No such person here"
TOO_MANY = "452 4.5.3 Too many recipients"
FULL = b"421 4.3.2 Too many connections, try again later\r\n"

log = logger()


@dataclass
class Capacity:
    """What all connections of the process share: how many there may be, and how much may be in memory."""

    connections: int = 0
    bytes_taken: int = 0

    def take(self, count: int) -> bool:
        if self.bytes_taken + count > MOST_BYTES:
            return False
        self.bytes_taken += count
        return True


class MailKeeper:
    """aiosmtpd's handler: its method names are given."""

    def __init__(self, database: Transactions, files: Files, ours: OurAddresses) -> None:
        self._database, self._files, self._ours = database, files, ours
        self._threads = ThreadPoolExecutor(STORES_AT_ONCE, "keep")

    async def handle_RCPT(  # noqa: N802
        self, server: LMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not is_for_us(address, self._ours):
            return NOBODY_HERE
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return TOO_MANY
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def keep(self, content: bytes, recipients: Sequence[str]) -> str:
        """What each recipient is answered, for all of them alike: they share the bytes."""
        now = datetime.now(UTC)
        raw = Raw(Channel.EMAIL, key_of(content), content, now, tuple(recipients))
        try:
            await asyncio.get_running_loop().run_in_executor(
                self._threads, keep, self._database, self._files, [raw], now
            )
        except (psycopg.Error, PoolTimeout, OSError) as problem:
            log.warning("delivered mail not kept", problem=type(problem).__name__)
            return AWAY
        return KEPT

    def close(self) -> None:
        """When what is in hand has been kept."""
        self._threads.shutdown()


class Delivery(LMTP):  # type: ignore[misc]
    """One connection. The end of a mail is answered once for each recipient (RFC 2033, 4.2), also when it says no."""

    line_length_limit = LONGEST_LINE

    def __init__(self, keeper: MailKeeper, capacity: Capacity) -> None:
        super().__init__(
            keeper,
            hostname="mtnet-helpdesk",
            ident="LMTP",
            enable_SMTPUTF8=True,
            data_size_limit=LARGEST_RAW_BYTES,
            timeout=COMMAND_SECONDS,
            auth_exclude_mechanism=["LOGIN", "PLAIN"],
        )
        self._keeper, self._capacity = keeper, capacity

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._capacity.connections >= MOST_CONNECTIONS and isinstance(transport, asyncio.Transport):
            transport.set_protocol(asyncio.Protocol())
            transport.write(FULL)
            transport.close()
            return
        self._capacity.connections += 1
        OPEN.inc()
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._capacity.connections -= 1
        OPEN.dec()
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - the library's name
        if self.envelope is None or not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        recipients = self.envelope.rcpt_tos
        self._reset_timeout(MAIL_SECONDS)
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        mail = Mail(self._capacity)
        try:
            while not mail.ended:
                mail.add(await self._next_piece())
            answer = mail.refused or await self._keeper.keep(mail.content, recipients)
        finally:
            mail.forget()
        ANSWERED.labels(answer[:3]).inc()
        self._set_post_data_state()
        await self.push("\r\n".join([answer] * len(recipients)))

    async def _next_piece(self) -> bytes:
        """A line, or as much of it as may be read at once."""
        try:
            return bytes(await self._reader.readuntil(b"\r\n"))
        except asyncio.LimitOverrunError as longer:
            return bytes(await self._reader.read(max(1, longer.consumed)))


class Mail:
    """The bytes of one mail as they come, without the dots that SMTP adds (RFC 5321, 4.5.2)."""

    def __init__(self, capacity: Capacity) -> None:
        self._capacity, self._pieces, self._taken = capacity, list[bytes](), 0
        self._at_line_start = True
        self.ended = False
        self.refused = ""

    @property
    def content(self) -> bytes:
        return b"".join(self._pieces)

    def add(self, piece: bytes) -> None:
        if self._at_line_start and piece == b".\r\n":
            self.ended = True
            return
        if self._at_line_start and piece.startswith(b"."):
            piece = piece[1:]
        self._at_line_start = piece.endswith(b"\r\n")
        if self.refused:
            return
        if self._taken + len(piece) > LARGEST_RAW_BYTES:
            self._refuse(TOO_LARGE)
        elif not self._capacity.take(len(piece)):
            self._refuse(TOO_MUCH_AT_ONCE)
        else:
            self._taken += len(piece)
            self._pieces.append(piece)

    def forget(self) -> None:
        self._pieces.clear()
        self._capacity.bytes_taken -= self._taken
        self._taken = 0

    def _refuse(self, answer: str) -> None:
        """The rest is read and thrown away: only then may it be answered."""
        self.forget()
        self.refused = answer


async def listen(keeper: MailKeeper, address: str | tuple[str, int]) -> asyncio.Server:
    """At a path of the file system, or a host and port. Raises OSError where somebody else listens."""
    capacity = Capacity()

    def connection() -> asyncio.Protocol:
        return Delivery(keeper, capacity)

    loop = asyncio.get_running_loop()
    if isinstance(address, str):
        return await loop.create_unix_server(connection, address)
    return await loop.create_server(connection, *address, backlog=MOST_CONNECTIONS)


async def serve(keeper: MailKeeper, address: str | tuple[str, int], ready: Callable[[], Any]) -> None:
    """Until SIGTERM or SIGINT; what is being delivered then is finished, or not answered and delivered again."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    server = await listen(keeper, address)
    ready()
    await stopping.wait()
    server.close()
    keeper.close()


def main() -> int:
    configure_logging("helpdesk-lmtp", env("LOG_LEVEL", "INFO"))
    # It would write down who wrote to whom.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    told = settings()
    address = listening_at(told.lmtp)
    database = connect_transactions(env("DATABASE_URL"), size=STORES_AT_ONCE)
    keeper = MailKeeper(database, Files(told.files_url), our_addresses(told))

    def ping() -> None:
        with database.transaction() as tx:
            InboundStore(tx).next_try_at()

    health = HealthServer(env_int("HEALTH_PORT", 0), {"database": ping})

    def ready() -> None:
        health.start()
        log.info("listening for mails", health_port=health.port)

    try:
        asyncio.run(serve(keeper, address, ready))
    finally:
        database.close()
    log.info("listener stopped")
    return 0


if __name__ == "__main__":
    code = main()
    # Connections that wait for a slow sender keep no thread: nothing is left to be done.
    os._exit(code)
