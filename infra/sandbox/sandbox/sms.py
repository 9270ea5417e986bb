"""Two text message companies: each takes messages in its own way, and tells later what became of them."""

import asyncio
import hmac
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from sandbox.faults import Mode
from sandbox.keys import FAULTS, INBOX, RECEIPTS, TOKENS
from sandbox.messages import Message, is_mobile_number
from sandbox.receipts import signed_by_hmac

# Long enough for a receipt to be there before the answer to the message.
EARLY_SECONDS = 0.3
# What the first company calls it, and what the second does.
WORDS = {"delivered": "DELIVRD", "undelivered": "UNDELIV"}
NEVER_SENT = "00000000-0000-4000-8000-000000000000"


def strike(request: web.Request, to: str) -> tuple[Mode, float]:
    """What becomes of the receipt of this message, and after how many seconds it is told."""
    faults = request.app[FAULTS]
    seconds = faults.current("sms").seconds
    mode = faults.strike(
        "sms",
        Mode.UNDELIVERED,
        Mode.NO_RECEIPT,
        Mode.WRONG_RECEIPT,
        Mode.RECEIPT_TWICE,
        Mode.EARLY_RECEIPT,
        Mode.LATE_RECEIPT,
        recipient=to,
    )
    return mode, seconds if mode is Mode.LATE_RECEIPT else 0.0


async def tell(request: web.Request, company: str, reference: str, to: str) -> None:
    """What became of a message, by a receipt of this company; returns before the message is answered."""
    (mode, seconds), receipts = strike(request, to), request.app[RECEIPTS]
    if mode is Mode.NO_RECEIPT:
        return
    status = "undelivered" if mode is Mode.UNDELIVERED else "delivered"
    path, key = f"sms/{company}", request.app[TOKENS]["sms"]
    if mode is Mode.WRONG_RECEIPT:
        # Somebody else's key, then a message that nobody sent.
        await receipts.post(path, _receipt(company, reference, status), signed_by_hmac("guessed"))
        reference = NEVER_SENT
    for _ in range(2 if mode is Mode.RECEIPT_TWICE else 1):
        receipts.tell(path, _receipt(company, reference, status), signed_by_hmac(key), after=seconds)
    if mode is Mode.EARLY_RECEIPT:
        await asyncio.sleep(EARLY_SECONDS)


def _receipt(company: str, reference: str, status: str) -> dict[str, Any] | str:
    if company == "first":
        return {"reference": reference, "status": status}
    return urlencode({"id": reference, "state": WORDS[status]})


async def send_by_form(request: web.Request) -> web.Response:
    """POST /sms/second: another company's way. A form of key, to, body and id; `OK <number>` or `ERROR <code>`."""
    form = await request.post()
    key, to, body, reference = (str(form.get(name, "")) for name in ("key", "to", "body", "id"))
    if not hmac.compare_digest(key.encode(), request.app[TOKENS].get("sms", "").encode()):
        return web.Response(text="ERROR 3")
    if not is_mobile_number(to):
        return web.Response(text="ERROR 12")
    if not (body and reference):
        return web.Response(text="ERROR 7")
    if (known := request.app[INBOX].sent_before(reference)) is not None:
        return web.Response(text=f"OK {known}")
    message = Message(channel="sms", to=to, sender="MTNet", subject="", text=body)
    number = request.app[INBOX].add([message], reference)
    await tell(request, "second", reference, to)
    return web.Response(text=f"OK {number}")


ROUTES = [web.post("/sms/second", send_by_form)]
