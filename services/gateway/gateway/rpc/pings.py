"""Ask services that give no answer whether they are there: in the background, so that nobody's page is the trial."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import Future

import structlog
from mtnet_contracts.calls.call import PING

from gateway.rpc.circuit_breaker import LOOK_EVERY_SECONDS, PING_SECONDS, CircuitBreaker
from gateway.rpc.connection import CallConnection, Lost, properties_of
from gateway.rpc.listener import Listener, Reply

log = structlog.get_logger()


class Pings:
    """A thread that looks at every breaker, some times a second."""

    def __init__(
        self, amqp_url: str, listener: Listener, breakers: Callable[[], Iterable[CircuitBreaker]]
    ) -> None:
        self._connection = CallConnection(amqp_url)
        self._listener = listener
        self._breakers = breakers
        # By service: the ping's correlation id, when it was sent, and its reply.
        self._sent: dict[str, tuple[str, float, Future[Reply]]] = {}
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="rpc-pings", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True

    def _run(self) -> None:
        while not self._stopping:
            time.sleep(LOOK_EVERY_SECONDS)
            for breaker in self._breakers():
                try:
                    self._look_at(breaker)
                except Lost as lost:
                    # The way there is broken, which says nothing about the service.
                    log.info("ping not sent", service=breaker.service, problem=str(lost))
        self._connection.close()

    def _look_at(self, breaker: CircuitBreaker) -> None:
        """Note what came of the last ping, and send one where there is a reason. Raises Lost."""
        sent = self._sent.get(breaker.service)
        if sent is not None:
            correlation_id, began, future = sent
            if not future.done() and time.monotonic() < began + PING_SECONDS:
                return
            del self._sent[breaker.service]
            self._listener.forget(correlation_id)
            if future.done() and future.exception() is not None:
                return
            breaker.judge(answers=future.done() and is_there(future.result()), since=began)
        if breaker.away or breaker.is_doubtful():
            self._ping(breaker)

    def _ping(self, breaker: CircuitBreaker) -> None:
        """Raises Lost."""
        correlation_id = uuid.uuid4().hex
        expected = self._listener.expect(correlation_id)
        if expected is None:
            return
        future, reply_to, generation = expected
        began = time.monotonic()
        self._sent[breaker.service] = (correlation_id, began, future)
        # A service that is back is called again at once, not at the next look.
        future.add_done_callback(
            lambda done: (
                breaker.judge(answers=True, since=began)
                if done.exception() is None and is_there(done.result())
                else None
            )
        )
        self._connection.open(generation, PING_SECONDS)
        body = {"args": [], "kwargs": {"actor": None, "idempotency_key": None, "request": {}}}
        self._connection.send(
            f"{breaker.service}.{PING}",
            json.dumps(body).encode(),
            properties_of(reply_to, correlation_id, PING_SECONDS),
            PING_SECONDS,
        )


def is_there(reply: Reply) -> bool:
    """What a ping's reply says; a service of an older release knows no ping, but answers."""
    error = reply.get("error")
    return not error or error.get("exc_type") == "MethodNotFound"
