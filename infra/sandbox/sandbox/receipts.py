"""What stand-ins of providers tell the portal later: signed receipts, sent again while nobody takes them."""

import asyncio
import hashlib
import hmac
import json
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

ANSWER_SECONDS = 5.0
AGAIN_AFTER_SECONDS = (0.5, 2.0, 5.0, 15.0, 60.0, 300.0)
MOST_UNDER_WAY = 5000
MOST_REMEMBERED = 200

# An object of JSON, or a form as it is posted.
Receipt = dict[str, Any] | str
Signed = Callable[[bytes], dict[str, str]]


def signed_by_hmac(key: str) -> Signed:
    """`X-Signature: sha256=<hex>` over the bytes of the body."""
    return lambda body: {"X-Signature": f"sha256={hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}"}


def signed_by_token(token: str) -> Signed:
    """`Authorization: Bearer <token>`."""
    return lambda body: {"Authorization": f"Bearer {token}"}


class Receipts:
    """Below `webhooks_url`, one address for each provider. Nothing is told where that is empty."""

    def __init__(self, webhooks_url: str, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._webhooks_url, self._sleep = webhooks_url.rstrip("/"), sleep
        self._under_way: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        # Newest last: path, receipt, and the status of each try.
        self.sent: deque[dict[str, Any]] = deque(maxlen=MOST_REMEMBERED)

    async def close(self) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def tell(self, path: str, receipt: Receipt, signed: Signed, after: float = 0.0) -> None:
        """Until it is taken, or for some minutes; first `after` so many seconds."""
        if len(self._under_way) >= MOST_UNDER_WAY:
            return
        task = asyncio.get_running_loop().create_task(self._until_taken(path, receipt, signed, after))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def post(self, path: str, receipt: Receipt, signed: Signed) -> int:
        """Once. The status of the answer; 0 without one."""
        if not self._webhooks_url:
            return 0
        is_form = isinstance(receipt, str)
        body = (receipt if isinstance(receipt, str) else json.dumps(receipt)).encode()
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS))
        kind = "application/x-www-form-urlencoded" if is_form else "application/json"
        headers = {"Content-Type": kind, **signed(body)}
        try:
            async with self._session.post(
                f"{self._webhooks_url}/{path}", data=body, headers=headers
            ) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    async def _until_taken(self, path: str, receipt: Receipt, signed: Signed, after: float) -> None:
        statuses: list[int] = []
        self.sent.append({"path": path, "receipt": receipt, "statuses": statuses})
        for seconds in (after, *AGAIN_AFTER_SECONDS):
            await self._sleep(seconds)
            statuses.append(await self.post(path, receipt, signed))
            if 200 <= statuses[-1] < 300:
                return
