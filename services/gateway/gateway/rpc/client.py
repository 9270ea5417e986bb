"""Call the services: Nameko's RPC wire format over AMQP, safe for many threads, never longer than the call allows.

A few connections carry one call each at a time, and its reply (`connection.py`); a thread of its own hears what
concerns the whole process (`listener.py`). A call has one deadline for all it takes: connecting, sending, waiting;
and all calls of a page share a time budget. A service that does not exist fails at once (mandatory publish), and so
does one that is known to be away (`circuit_breaker.py`, `pings.py`). A reply that comes too late is dropped, a lost
connection is made anew. What was lost on the way is asked once more, within the same deadline, where that can do no
harm: nothing had been sent yet, the call reads, or a key makes it one.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import queue
import time
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import structlog
from mtnet_contracts.calls.call import Call
from prometheus_client import Histogram

from gateway.rpc.circuit_breaker import CircuitBreaker, ServiceUnavailable
from gateway.rpc.connection import (
    CallConnection,
    Lost,
    NoReply,
    NoSuchQueue,
    properties_of,
)
from gateway.rpc.listener import GATEWAYS, Listener
from gateway.rpc.pings import Pings
from gateway.rpc.time_budget import seconds_left, spend

__all__ = ["Lost", "Refused", "Rpc", "ServiceUnavailable"]

log = structlog.get_logger()

BROADCAST_SECONDS = 1.0
# As many as there are threads that answer requests: each may wait for a reply.
CONNECTIONS = 16

CALL_SECONDS = Histogram(
    "mtnet_gateway_call_seconds",
    "Calls to services by result (done, refused, unavailable).",
    ["call", "result"],
)


class Refused(Exception):
    """The service said no: a code, codes by field, and facts for the page.

    `limits`: how many characters the fields take of which it says TOO_LONG, where that is known.
    """

    def __init__(
        self, code: str, fields: dict[str, list[str]] | None = None, detail: dict[str, Any] | None = None
    ):
        super().__init__(code)
        self.code = code
        self.fields = fields or {}
        self.detail = detail or {}
        self.limits: dict[str, int] = {}


class Rpc:
    """The gateway's only way to the services. `call` may be used from any thread."""

    def __init__(self, amqp_url: str) -> None:
        self._breakers: dict[str, CircuitBreaker] = {}
        self._listener = Listener(amqp_url)
        self._pings = Pings(amqp_url, self._listener, lambda: list(self._breakers.values()))
        # What a call is known by, on its connection and to its breaker: both are this process's own.
        self._numbers = itertools.count(1)
        # Last in, first out: the few that a quiet portal needs are those in use all the time.
        self._connections: queue.LifoQueue[CallConnection] = queue.LifoQueue()
        for _ in range(CONNECTIONS):
            self._connections.put(CallConnection(amqp_url))

    def start(self) -> Rpc:
        self._listener.start()
        self._pings.start()
        return self

    def stop(self) -> None:
        self._listener.stop()
        self._pings.stop()
        with contextlib.suppress(queue.Empty):
            while True:
                self._connections.get_nowait().close()

    def healthy(self) -> bool:
        return self._listener.is_connected()

    def is_away(self, service: str) -> bool:
        """Known to be: a call would fail at once."""
        return service in self._breakers and self._breakers[service].away

    def call(
        self,
        call: Call,
        request: dict[str, Any],
        *,
        actor: str | None = None,
        signed_pass: str | None = None,
        key: str | None = None,
    ) -> dict[str, Any]:
        """The reply as JSON values; what a service of an earlier release does not know yet is filled in. `signed_pass`
        is an applicant's. Raises Refused, ServiceUnavailable.
        """
        kwargs: dict[str, Any] = {"actor": actor, "idempotency_key": key, "request": request}
        if signed_pass is not None:
            kwargs["pass"] = signed_pass
        body = {"args": [], "kwargs": kwargs}
        repeatable = call.may_be_repeated(key)
        started = time.perf_counter()
        result = "unavailable"
        breaker = self._breaker(call.service)
        try:
            deadline = time.monotonic() + min(call.timeout_seconds, seconds_left())
            with breaker.slot(deadline):
                reply = self._answered(call, body, repeatable, deadline)
            if reply.get("error"):
                result = "refused"
                raise self._refusal(call, reply["error"])
            answer: dict[str, Any] = reply["result"]
            if lacking := call.complete_reply(answer):
                # Not refused: most pages do not show the field.
                log.error("answer not complete", call=f"{call.service}.{call.name}", lacks=sorted(lacking))
            result = "done"
            return answer
        except ServiceUnavailable as problem:
            result = "unavailable"
            log.warning("call not answered", call=f"{call.service}.{call.name}", problem=str(problem))
            raise
        finally:
            took = time.perf_counter() - started
            spend(took)
            CALL_SECONDS.labels(f"{call.service}.{call.name}", result).observe(took)

    def on_message(self, name: str, act: Callable[[Any], None]) -> None:
        """`act` gets what any gateway broadcasts under this name; it must be quick, and must not raise."""
        self._listener.on_message(name, act)

    def on_event(self, service: str, event: str, act: Callable[[], None]) -> None:
        """`act` is called when the service announces such an event, and when one may have been missed.

        To be said before `start`. What the event holds is not looked at.
        """
        self._listener.on_event(service, event, act)

    def broadcast(self, facts: dict[str, Any]) -> None:
        """Send to every gateway process, this one too. Best effort: whoever misses it remembers a little longer."""
        try:
            with self._connection(time.monotonic() + BROADCAST_SECONDS) as connection:
                connection.open(self._listener.generation, BROADCAST_SECONDS)
                connection.send(GATEWAYS, json.dumps(facts).encode(), {"delivery_mode": 1}, BROADCAST_SECONDS)
        except Lost as lost:
            log.warning("broadcast failed", facts=list(facts), problem=str(lost))

    def _breaker(self, service: str) -> CircuitBreaker:
        found = self._breakers.get(service)
        return found if found is not None else self._breakers.setdefault(service, CircuitBreaker(service))

    def _answered(
        self, call: Call, body: dict[str, Any], repeatable: bool, deadline: float
    ) -> dict[str, Any]:
        try:
            # Where there may be a second time, the first leaves it half of the time to get the call away.
            sent_by = deadline - left(deadline) / 2 if repeatable else deadline
            return self._ask(call, body, sent_by, deadline)
        except Lost as lost:
            log.info("call lost on the way", call=f"{call.service}.{call.name}", problem=str(lost))
            if not (repeatable or lost.unsent) or not left(deadline):
                raise ServiceUnavailable(call.service, str(lost)) from lost
        try:
            return self._ask(call, body, deadline, deadline)
        except Lost as lost:
            raise ServiceUnavailable(call.service, str(lost)) from lost

    def _ask(self, call: Call, body: dict[str, Any], sent_by: float, deadline: float) -> dict[str, Any]:
        """Send by one moment, wait for the reply until another. Raises Lost, ServiceUnavailable."""
        generation = self._listener.wait_connected(sent_by)
        correlation_id = str(next(self._numbers))
        breaker = self._breaker(call.service)
        message = json.dumps(body, default=str, ensure_ascii=False).encode()
        try:
            with self._connection(sent_by) as connection:
                connection.open(generation, left(sent_by))
                properties = properties_of(connection.reply_to, correlation_id, left(deadline))
                connection.send(f"{call.service}.{call.name}", message, properties, left(sent_by))
                breaker.owes(correlation_id)
                reply: dict[str, Any] = orjson.loads(connection.reply(correlation_id, deadline))
            if not (error := reply.get("error")) or error.get("exc_type") == "Refused":
                breaker.heard(correlation_id)
            return reply
        except NoSuchQueue as problem:
            raise ServiceUnavailable(call.service, "no such service") from problem
        except NoReply as problem:
            raise ServiceUnavailable(call.service, "no answer in time") from problem
        finally:
            breaker.settled(correlation_id)

    @contextlib.contextmanager
    def _connection(self, by: float) -> Iterator[CallConnection]:
        try:
            connection = self._connections.get(timeout=left(by))
        except queue.Empty:
            raise Lost("more calls at once than can be sent", unsent=True) from None
        try:
            yield connection
        finally:
            self._connections.put(connection)

    def _refusal(self, call: Call, error: dict[str, Any]) -> Exception:
        if error.get("exc_type") == "Refused":
            code, facts = error["exc_args"][0], error["exc_args"][1] if len(error["exc_args"]) > 1 else {}
            return Refused(code, facts.get("fields"), facts.get("detail"))
        return ServiceUnavailable(call.service, str(error.get("exc_type")))


def left(deadline: float) -> float:
    """Seconds until then, never less than none."""
    return max(0.0, deadline - time.monotonic())
