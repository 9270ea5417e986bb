"""What the LINE stand-in tells the portal: signed events, sent again while nobody takes them."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from sandbox.line.platform import BOT_ID
from sandbox.line.users import User

# LINE waits two seconds for an answer. How often and when it sends an event again it does not say.
ANSWER_SECONDS = 2.0
AGAIN_AFTER_SECONDS = (1.0, 3.0, 10.0, 30.0, 120.0)
MOST_UNDER_WAY = 1000
MOST_REMEMBERED = 200
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def signature(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


class Webhooks:
    """`copies`: how often each event is sent though it was taken, as happens on a bad day."""

    def __init__(
        self, url: str, secret: str, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._url, self._secret, self._sleep = url, secret, sleep
        self._under_way: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._count = 0
        self.copies = 1
        # Newest last: the event's id, its type, and the status of each try.
        self.sent: deque[dict[str, Any]] = deque(maxlen=MOST_REMEMBERED)

    async def close(self) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def tell(self, user: User, kind: str, **more: Any) -> dict[str, Any]:
        """Something happened. Returns the event, which is under way."""
        self._count += 1
        now = time.time_ns() // 1_000_000
        event = {
            "type": kind,
            "mode": "active",
            "timestamp": now,
            "source": {"type": "user", "userId": user.user_id},
            "webhookEventId": _ulid(now, self._count),
            "deliveryContext": {"isRedelivery": False},
            **more,
        }
        self.send(event)
        return event

    def send(self, event: dict[str, Any]) -> None:
        """This very event, however old."""
        if not self._url or len(self._under_way) >= MOST_UNDER_WAY:
            return
        task = asyncio.get_running_loop().create_task(self._until_taken(event))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _until_taken(self, event: dict[str, Any]) -> None:
        record = {"id": event["webhookEventId"], "type": event["type"], "statuses": []}
        self.sent.append(record)
        taken = 0
        for seconds in (0.0, *AGAIN_AFTER_SECONDS):
            await self._sleep(seconds)
            redelivery = bool(record["statuses"])
            while taken < self.copies:
                status = await self._post(
                    event | {"deliveryContext": {"isRedelivery": redelivery or taken > 0}}
                )
                record["statuses"].append(status)
                if not 200 <= status < 300:
                    break
                taken += 1
            if taken >= self.copies:
                return

    async def _post(self, event: dict[str, Any]) -> int:
        """The status of the answer; 0 without one."""
        body = json.dumps({"destination": BOT_ID, "events": [event]}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "x-line-signature": signature(self._secret, body)}
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS))
        try:
            async with self._session.post(self._url, data=body, headers=headers) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0


def _ulid(milliseconds: int, count: int) -> str:
    """26 characters that begin with the time, as webhook event ids do."""
    number = (milliseconds << 80) | (count << 40) | (time.perf_counter_ns() & ((1 << 40) - 1))
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))
