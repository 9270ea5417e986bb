"""Call the services: Nameko's RPC wire format over one AMQP connection, safe for many threads.

One reply queue and one reading thread a process; each call waits for its own reply, for its own time. A service
that does not exist fails at once (mandatory publish), a reply that comes too late is dropped, a lost connection is
made anew. Reads are tried once more; writes only with the same idempotency key.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
import uuid
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

import structlog
from kombu import Connection, Exchange, Queue
from kombu.pools import Producers
from mtnet_contracts.calls.call import Call
from prometheus_client import Histogram

log = structlog.get_logger()

EXCHANGE = Exchange("nameko-rpc", type="topic", durable=True, no_declare=True)
CONNECT_SECONDS = 3
RECONNECT_SECONDS = (0.2, 0.5, 1, 2, 5)
POOL = 8

CALL_SECONDS = Histogram(
    "mtnet_gateway_call_seconds",
    "Calls to services by result (done, refused, unavailable).",
    ["call", "result"],
)


class Refused(Exception):
    """The service said no: a code, codes by field, and facts for the page."""

    def __init__(
        self, code: str, fields: dict[str, list[str]] | None = None, detail: dict[str, Any] | None = None
    ):
        super().__init__(code)
        self.code = code
        self.fields = fields or {}
        self.detail = detail or {}


class ServiceUnavailable(Exception):
    """Nobody answered in time, the service is not there, or it failed. Nothing is known about what it did."""

    def __init__(self, service: str, why: str) -> None:
        super().__init__(f"{service}: {why}")
        self.service = service


class Rpc:
    """The gateway's only way to the services. `call` may be used from any thread."""

    def __init__(self, amqp_url: str) -> None:
        self._url = amqp_url
        self._reply_to = f"gateway-replies-{uuid.uuid4()}"
        self._waiting: dict[str, Future[dict[str, Any]]] = {}
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._stopping = False
        self._publishing = Connection(
            amqp_url,
            connect_timeout=CONNECT_SECONDS,
            heartbeat=0,
            transport_options={"confirm_publish": True},
        )
        self._producers = Producers(limit=POOL)[self._publishing]
        self._thread = threading.Thread(target=self._read_replies, name="rpc-replies", daemon=True)

    def start(self) -> Rpc:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stopping = True
        self._producers.force_close_all()

    def healthy(self) -> bool:
        return self._ready.is_set()

    def call(
        self, call: Call, request: dict[str, Any], *, actor: str | None = None, key: str | None = None
    ) -> dict[str, Any]:
        """The reply as JSON values. Raises Refused, ServiceUnavailable."""
        body = {"args": [], "kwargs": {"actor": actor, "idempotency_key": key, "request": request}}
        tries = 2 if not call.writes or (key is not None and not call.secret_reply) else 1
        started = time.perf_counter()
        result = "unavailable"
        try:
            for attempt in range(1, tries + 1):
                try:
                    reply = self._ask(call, body)
                    break
                except ServiceUnavailable as problem:
                    log.warning("call not answered", call=f"{call.service}.{call.name}", problem=str(problem))
                    if attempt == tries:
                        raise
            if reply.get("error"):
                result = "refused"
                raise self._refusal(call, reply["error"])
            result = "done"
            answer: dict[str, Any] = reply["result"]
            return answer
        finally:
            CALL_SECONDS.labels(f"{call.service}.{call.name}", result).observe(time.perf_counter() - started)

    def _ask(self, call: Call, body: dict[str, Any]) -> dict[str, Any]:
        deadline = time.monotonic() + call.timeout_seconds
        if not self._ready.wait(min(CONNECT_SECONDS, call.timeout_seconds)):
            raise ServiceUnavailable(call.service, "no connection to the broker")
        correlation_id = uuid.uuid4().hex
        future: Future[dict[str, Any]] = Future()
        with self._lock:
            self._waiting[correlation_id] = future
        try:
            self._publish(call, body, correlation_id)
            return future.result(timeout=max(0.0, deadline - time.monotonic()))
        except FutureTimeout as problem:
            raise ServiceUnavailable(call.service, f"no answer in {call.timeout_seconds:.0f} s") from problem
        finally:
            with self._lock:
                self._waiting.pop(correlation_id, None)

    def _publish(self, call: Call, body: dict[str, Any], correlation_id: str) -> None:
        returned: list[str] = []
        try:
            with self._producers.acquire(block=True, timeout=call.timeout_seconds) as producer:
                producer.publish(
                    json.dumps(body, default=str, ensure_ascii=False).encode(),
                    exchange="nameko-rpc",
                    routing_key=f"{call.service}.{call.name}",
                    content_type="application/json",
                    content_encoding="utf-8",
                    reply_to=self._reply_to,
                    correlation_id=correlation_id,
                    mandatory=True,
                    on_return=lambda *_: returned.append("no such service"),
                    expiration=call.timeout_seconds,
                    timeout=call.timeout_seconds,
                    retry=True,
                    retry_policy={"max_retries": 1, "interval_start": 0.1, "errback": None},
                )
        except (OSError, *self._publishing.connection_errors, *self._publishing.channel_errors) as problem:
            raise ServiceUnavailable(call.service, f"cannot publish: {type(problem).__name__}") from problem
        if returned:
            raise ServiceUnavailable(call.service, returned[0])

    def _refusal(self, call: Call, error: dict[str, Any]) -> Exception:
        if error.get("exc_type") == "Refused":
            code, facts = error["exc_args"][0], error["exc_args"][1] if len(error["exc_args"]) > 1 else {}
            return Refused(code, facts.get("fields"), facts.get("detail"))
        log.error("call failed", call=f"{call.service}.{call.name}", problem=error.get("exc_type"))
        return ServiceUnavailable(call.service, str(error.get("exc_type")))

    def _read_replies(self) -> None:
        failures = 0
        while not self._stopping:
            # A new name each time: the broker may still hold the old queue for a connection it believes alive.
            self._reply_to = f"gateway-replies-{uuid.uuid4()}"
            try:
                with Connection(self._url, connect_timeout=CONNECT_SECONDS, heartbeat=20) as connection:
                    queue = Queue(
                        self._reply_to,
                        exchange=EXCHANGE,
                        routing_key=self._reply_to,
                        exclusive=True,
                        auto_delete=True,
                        durable=False,
                    )
                    with connection.Consumer(
                        [queue], callbacks=[self._receive], no_ack=True, accept=["json"]
                    ):
                        self._ready.set()
                        failures = 0
                        self._drain(connection)
            except Exception as problem:
                self._ready.clear()
                if self._stopping:
                    return
                log.warning("broker not reached", problem=type(problem).__name__)
                time.sleep(RECONNECT_SECONDS[min(failures, len(RECONNECT_SECONDS) - 1)])
                failures += 1

    def _drain(self, connection: Any) -> None:
        beat = time.monotonic()
        while not self._stopping:
            with contextlib.suppress(TimeoutError):
                connection.drain_events(timeout=1.0)
            if time.monotonic() - beat > 5:
                connection.heartbeat_check(rate=2)
                beat = time.monotonic()

    def _receive(self, body: Any, message: Any) -> None:
        with self._lock:
            future = self._waiting.pop(message.properties.get("correlation_id", ""), None)
        if future is not None:
            future.set_result(body if isinstance(body, dict) else json.loads(body))
