"""The gateway: takes mails, dials, and tells what became of each call."""

import asyncio
import re
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.faults import Faults, Mode
from sandbox.fax.documents import FaxMail, NothingToFax, read_fax_mail
from sandbox.inbox import Inbox
from sandbox.messages import Attachment, Message
from sandbox.receipts import Receipts, signed_by_hmac

DOMAIN = "fax.example"
CALLS_SHOWN = 50
MOST_COUNTED = 200_000
HANG_SECONDS = 300
# RFC 3192: FAX=+886281927019, perhaps with qualifiers after a slash. Others write the digits alone.
NUMBER = re.compile(r"(?:FAX=)?(?P<number>\+?\d{6,15})(?:/.*)?", re.IGNORECASE)
# What becomes of a call, by the fault that is asked for.
ENDS = {
    Mode.BUSY: "busy",
    Mode.NO_ANSWER: "no_answer",
    Mode.NO_CARRIER: "no_carrier",
    Mode.REJECTED: "rejected",
    Mode.WRONG_NUMBER: "wrong_number",
}
ABOUT_RECEIPTS = (Mode.NO_RECEIPT, Mode.WRONG_RECEIPT, Mode.RECEIPT_TWICE, Mode.EARLY_RECEIPT)


@dataclass
class Call:
    """One fax on its way to one number."""

    number: str
    pages: int
    status: str
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class FaxGateway:
    """`seconds_per_page`: how long a machine takes, when no fault says otherwise."""

    def __init__(
        self, inbox: Inbox, faults: Faults, receipts: Receipts, token: str, seconds_per_page: float = 0.0
    ) -> None:
        self._inbox, self._faults, self._receipts = inbox, faults, receipts
        self._token = token
        self._seconds_per_page = seconds_per_page
        self._dialling: set[asyncio.Task[None]] = set()
        self._received: OrderedDict[str, int] = OrderedDict()
        self.calls: deque[Call] = deque(maxlen=CALLS_SHOWN)

    def number_of(self, address: str) -> str | None:
        """The number in an address at the gateway's domain, or None where mail is not for it."""
        local_part, _, domain = address.rpartition("@")
        if domain.lower() != DOMAIN:
            return None
        found = NUMBER.fullmatch(local_part)
        return found["number"] if found else ""

    def received(self) -> dict[str, int]:
        """How often each Message-ID was accepted."""
        return dict(self._received)

    async def take(self, content: bytes, numbers: list[str]) -> tuple[str, bool]:
        """The SMTP answer, and whether the connection ends before it is given."""
        mode = self._faults.strike(
            "fax",
            Mode.REFUSE,
            Mode.TIMEOUT,
            Mode.DROP_AFTER_ACCEPT,
            *ENDS,
            *ABOUT_RECEIPTS,
            recipient=numbers[0],
        )
        if mode is Mode.REFUSE:
            return "554 5.7.1 No fax from you", False
        if mode is Mode.TIMEOUT:
            await asyncio.sleep(HANG_SECONDS)
            return "451 4.4.2 Too slow", False
        try:
            mail = read_fax_mail(content)
        except NothingToFax:
            return "554 5.6.0 A TIFF or a PDF is needed", False
        seconds = self._faults.seconds("fax", numbers[0]) or self._seconds_per_page
        for number in numbers:
            call = Call(number, mail.pages, "dialling")
            self.calls.appendleft(call)
            self._count(mail.message_id)
            if mode is Mode.EARLY_RECEIPT:
                await self._dial(mail, call, mode, 0.0)
            else:
                task = asyncio.get_running_loop().create_task(self._dial(mail, call, mode, seconds))
                self._dialling.add(task)
                task.add_done_callback(self._dialling.discard)
        return "250 2.0.0 Will be faxed", mode is Mode.DROP_AFTER_ACCEPT

    async def close(self) -> None:
        for task in self._dialling:
            task.cancel()
        await asyncio.gather(*self._dialling, return_exceptions=True)

    async def _dial(self, mail: FaxMail, call: Call, mode: Mode, seconds_per_page: float) -> None:
        await asyncio.sleep(seconds_per_page * call.pages)
        call.status = ENDS.get(mode, "delivered")
        if call.status == "delivered":
            ending = "tiff" if mail.content_type == "image/tiff" else "pdf"
            paper = Attachment(f"fax.{ending}", mail.content_type, mail.content)
            headers = {
                "Message-ID": mail.message_id,
                "X-Fax-Reference": mail.reference,
                "X-Fax-Pages": str(mail.pages),
            }
            self._inbox.add(
                [
                    Message(
                        "fax",
                        call.number,
                        mail.sender,
                        mail.subject,
                        "",
                        headers=headers,
                        attachments=(paper,),
                    )
                ]
            )
        if mode is Mode.NO_RECEIPT:
            return
        receipt = {
            "reference": mail.reference,
            "message_id": mail.message_id,
            "status": call.status,
            "pages": call.pages if call.status == "delivered" else 0,
        }
        if mode is Mode.WRONG_RECEIPT:
            # Somebody else's key, then a fax that nobody sent.
            await self._receipts.post("fax", receipt, signed_by_hmac("guessed"))
            receipt |= {"reference": "never-sent", "message_id": f"<never-sent@{DOMAIN}>"}
        for _ in range(2 if mode is Mode.RECEIPT_TWICE else 1):
            self._receipts.tell("fax", receipt, signed_by_hmac(self._token))
        if mode is Mode.EARLY_RECEIPT:
            # Long enough for the receipt to be there before the answer to the mail.
            await asyncio.sleep(0.3)

    def _count(self, message_id: str) -> None:
        self._received[message_id] = self._received.get(message_id, 0) + 1
        if len(self._received) > MOST_COUNTED:
            self._received.popitem(last=False)
