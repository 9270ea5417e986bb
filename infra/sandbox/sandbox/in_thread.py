"""The sandbox in a thread, for tests that stand in no need of a process."""

import asyncio
import json
import threading
import urllib.error
import urllib.request
from typing import Any

from sandbox.server import running
from sandbox.settings import Settings


class SandboxInThread:
    """Running when made. Raises RuntimeError when it does not begin within ten seconds."""

    patience_seconds = 5.0

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.url = f"http://{settings.host}:{settings.http_port}"
        self._loop = asyncio.new_event_loop()
        self._up, self._stop = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        if not self._up.wait(10):
            raise RuntimeError("the sandbox does not begin")

    def _run(self) -> None:
        async def main() -> None:
            async with running(self.settings):
                self._up.set()
                await self._stop.wait()

        # It ends what still talks to a client; a test that ran later was blamed for the sockets.
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(main())

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
        """Status and text of the answer. Raises OSError when there is none."""
        request = urllib.request.Request(  # noqa: S310 - our own address
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers=headers,
        )
        try:
            with urllib.request.urlopen(request, timeout=self.patience_seconds) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()

    def fault(self, channel: str, mode: str, count: int | None = None, **more: Any) -> None:
        """Raises ValueError for one that the sandbox does not know."""
        status, said = self.ask(
            "PUT", "/api/faults", {"channel": channel, "mode": mode, "count": count, **more}
        )
        if status != 200:
            raise ValueError(said)

    def messages(self, query: str = "") -> list[dict[str, Any]]:
        """What people received, newest first."""
        found: list[dict[str, Any]] = json.loads(self.ask("GET", f"/api/messages{query}")[1])
        return found
