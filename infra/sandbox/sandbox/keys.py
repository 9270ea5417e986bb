"""What the endpoints of the sandbox find in its application."""

from aiohttp import web

from sandbox.faults import Faults
from sandbox.inbox import Inbox
from sandbox.receipts import Receipts

INBOX: web.AppKey[Inbox] = web.AppKey("inbox", Inbox)
FAULTS: web.AppKey[Faults] = web.AppKey("faults", Faults)
RECEIPTS: web.AppKey[Receipts] = web.AppKey("receipts", Receipts)
TOKENS: web.AppKey[dict[str, str]] = web.AppKey("tokens", dict)
