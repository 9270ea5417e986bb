"""A real SMTP server that delivers into the inbox."""

import asyncio
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.faults import Faults, Mode
from sandbox.inbox import Inbox
from sandbox.messages import read_mail

HANG_SECONDS = 300
LARGEST_MAIL_BYTES = 25 * 1024 * 1024


class Delivery:
    """aiosmtpd's handler: its method names are given."""

    def __init__(self, inbox: Inbox, faults: Faults) -> None:
        self._inbox = inbox
        self._faults = faults

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._faults.strike("email", Mode.REJECT_RECIPIENT) is Mode.REJECT_RECIPIENT:
            return "550 5.1.1 No such person here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        mode = self._faults.strike("email", Mode.REFUSE, Mode.BUSY, Mode.TIMEOUT, Mode.DROP_AFTER_ACCEPT)
        if mode is Mode.REFUSE:
            return "554 5.7.1 This mail is not wanted"
        if mode is Mode.BUSY:
            return "451 4.3.2 Too busy, try again later"
        if mode is Mode.TIMEOUT:
            await asyncio.sleep(HANG_SECONDS)
            return "451 4.4.2 Too slow"
        content = envelope.content
        messages = read_mail(
            content if isinstance(content, bytes) else (content or "").encode(),
            sender=envelope.mail_from or "",
            recipients=list(envelope.rcpt_tos),
        )
        number = self._inbox.add(messages)
        if mode is Mode.DROP_AFTER_ACCEPT and server.transport is not None:
            server.transport.abort()
        return f"250 2.0.0 Kept as {number}"


async def serve_smtp(inbox: Inbox, faults: Faults, host: str, port: int) -> asyncio.Server:
    """Listens at once; raises OSError when the port is taken."""

    def session() -> Any:
        return SMTP(
            Delivery(inbox, faults),
            hostname="sandbox.mtnet.example",
            ident="MTNet sandbox",
            enable_SMTPUTF8=True,
            data_size_limit=LARGEST_MAIL_BYTES,
        )

    return await asyncio.get_running_loop().create_server(session, host, port)
