"""A real SMTP server that delivers into the inbox."""

import asyncio
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from sandbox.desk.mailroom import Mailroom
from sandbox.faults import Faults, Mode
from sandbox.fax.gateway import FaxGateway
from sandbox.inbox import Inbox
from sandbox.messages import read_mail
from sandbox.returned.mailbox import NO_SUCH_PERSON, Mailbox, report

HANG_SECONDS = 300
LARGEST_MAIL_BYTES = 40 * 1024 * 1024


class Delivery:
    """aiosmtpd's handler: its method names are given."""

    def __init__(
        self, inbox: Inbox, faults: Faults, fax: FaxGateway, returned: Mailbox, mailroom: Mailroom
    ) -> None:
        self._inbox = inbox
        self._faults = faults
        self._fax = fax
        self._returned = returned
        self._mailroom = mailroom

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self._faults.answer_at("mail"):
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        """Everybody may log in, unless the fault says no."""
        answer = self._faults.answer_at("auth")
        return AuthResult(success=not answer, handled=False, message=answer or None)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if (number := self._fax.number_of(address)) is not None:
            return self._fax_recipient(envelope, address, number)
        if self._faults.strike("email", Mode.REJECT_RECIPIENT) is Mode.REJECT_RECIPIENT:
            return "550 5.1.1 No such person here"
        if answer := self._faults.answer_at("rcpt", address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    def _fax_recipient(self, envelope: Envelope, address: str, number: str) -> str:
        refused = self._faults.strike("fax", Mode.REJECT_RECIPIENT, recipient=number) is Mode.REJECT_RECIPIENT
        if not number or refused:
            return "550 5.1.1 No such number"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        numbers = [found for each in envelope.rcpt_tos if (found := self._fax.number_of(each))]
        if numbers:
            content = envelope.content
            said, ends = await self._fax.take(content if isinstance(content, bytes) else b"", numbers)
            if ends and server.transport is not None:
                server.transport.abort()
            return said
        mode = self._faults.strike("email", Mode.REFUSE, Mode.BUSY, Mode.TIMEOUT, Mode.DROP_AFTER_ACCEPT)
        if mode is Mode.REFUSE:
            return "554 5.7.1 This mail is not wanted"
        if mode is Mode.BUSY:
            return "451 4.3.2 Too busy, try again later"
        if mode is Mode.TIMEOUT:
            await asyncio.sleep(HANG_SECONDS)
            return "451 4.4.2 Too slow"
        recipients = " ".join(envelope.rcpt_tos)
        if answer := self._faults.answer_at("end", recipients):
            return answer
        await asyncio.sleep(self._faults.seconds("email", recipients))
        raw = envelope.content
        content = raw if isinstance(raw, bytes) else (raw or "").encode()
        if (refusal := self._faults.bounces(recipients)) is not None:
            self._come_back(envelope, content, refusal or NO_SUCH_PERSON)
            return "250 2.0.0 Taken, to come back"
        to_people = [each for each in envelope.rcpt_tos if not self._mailroom.takes(each)]
        for each in set(envelope.rcpt_tos) - set(to_people):
            self._mailroom.deliver(content, envelope.mail_from or "", each)
        number = 0
        if to_people:
            messages = read_mail(content, sender=envelope.mail_from or "", recipients=to_people)
            number = self._inbox.add(messages)
        if mode is Mode.DROP_AFTER_ACCEPT and server.transport is not None:
            server.transport.abort()
        return f"250 2.0.0 Kept as {number}"

    def _come_back(self, envelope: Envelope, content: bytes, answer: str) -> None:
        """A mail without a return path is a report itself, and nobody is told of it (RFC 5321, 4.5.5)."""
        return_path = envelope.mail_from or "<>"
        for recipient in () if return_path == "<>" else envelope.rcpt_tos:
            self._returned.put(report(return_path, recipient, answer, content))


async def serve_smtp(
    inbox: Inbox,
    faults: Faults,
    fax: FaxGateway,
    returned: Mailbox,
    mailroom: Mailroom,
    host: str,
    port: int,
) -> asyncio.Server:
    """Listens at once; raises OSError when the port is taken."""

    def session() -> Any:
        delivery = Delivery(inbox, faults, fax, returned, mailroom)
        return SMTP(
            delivery,
            hostname="sandbox.mtnet.example",
            ident="MTNet sandbox",
            enable_SMTPUTF8=faults.current("email").mode is not Mode.NO_SMTPUTF8,
            authenticator=delivery.authenticate,
            auth_require_tls=False,
            # One is enough, and a client that is refused does not try another.
            auth_exclude_mechanism=["LOGIN"],
            data_size_limit=LARGEST_MAIL_BYTES,
        )

    return await asyncio.get_running_loop().create_server(session, host, port)
