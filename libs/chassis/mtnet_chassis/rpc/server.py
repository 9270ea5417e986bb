"""Answer calls from one queue, `rpc-<service>`, in Nameko's wire format; a green thread for each call."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

import eventlet
import orjson
from mtnet_contracts.calls.call import PING, Call
from nameko.extensions import Entrypoint, SharedExtension

from mtnet_chassis.broker.connection import ConnectionLost
from mtnet_chassis.broker.reader import DRAIN_SECONDS, Delivery, QueueReader, run_pool
from mtnet_chassis.data.containers import database_of, instance_of
from mtnet_chassis.data.database import Transactions
from mtnet_chassis.events import outbox
from mtnet_chassis.rpc.actor import ActorVerifier
from mtnet_chassis.rpc.refusals import MayBeDone, Refused
from mtnet_chassis.settings import env, env_int, secret
from mtnet_chassis.telemetry import CALL_SECONDS, logger

log = logger()


class Answering(Protocol):
    """What the server needs of an endpoint."""

    call: Call

    def answer(
        self, service: Any, body: Mapping[str, Any], *, database: Transactions, verifier: ActorVerifier
    ) -> dict[str, Any]: ...


class CallConsumer(SharedExtension):  # type: ignore[misc]
    """Shared by all endpoints of a service. A reply is sent before the call is acknowledged."""

    def __init__(self) -> None:
        self.endpoints: dict[str, CallEntrypoint] = {}
        self._started = False

    def start_once(self) -> None:
        if self._started:
            return
        self._started = True
        workers = env_int("WORKERS", 10)
        self.verifier = ActorVerifier(secret("ACTOR_PUBLIC_KEY", 32))
        self.database = database_of(self.container)
        self.reader = QueueReader(env("AMQP_URL"), f"rpc-{self.container.service_name}", prefetch=workers)
        self._pool = eventlet.GreenPool(workers)
        self._done = eventlet.event.Event()
        self.container.spawn_managed_thread(self.reader.run, identifier="calls.reader")
        self.container.spawn_managed_thread(self._work, identifier="calls.worker")

    def stop_once(self) -> None:
        if not self._started:
            return
        self._started = False
        self.reader.stop_taking()
        with eventlet.Timeout(DRAIN_SECONDS, False):
            self._done.wait()
            self._pool.waitall()
        self.reader.close()

    def _work(self) -> None:
        try:
            run_pool(self.reader, self._pool, self._answer)
        finally:
            self._done.send(None)

    def _answer(self, delivery: Delivery) -> None:
        """Answer and acknowledge, whatever happens: a call that is not acknowledged is delivered again for ever."""
        try:
            body = self._encoded_reply(delivery)
            if (reply_to := _property(delivery, "reply_to")) is not None:
                delivery.connection.publish(
                    "nameko-rpc",
                    reply_to,
                    body,
                    {
                        "content_type": "application/json",
                        "content_encoding": "utf-8",
                        "correlation_id": _property(delivery, "correlation_id"),
                    },
                )
            delivery.connection.ack(delivery.tag)
        except ConnectionLost:
            log.warning("reply not sent", call=delivery.routing_key)
        except Exception as problem:
            # Publishing raised something unforeseen, and would again: this caller waits in vain, others must not.
            log.error("reply not sent", call=delivery.routing_key, exc_info=problem)
            with suppress(ConnectionLost):
                delivery.connection.ack(delivery.tag)

    def _encoded_reply(self, delivery: Delivery) -> bytes:
        reply = self.reply_to(delivery.routing_key, delivery)
        try:
            return orjson.dumps(reply)
        except TypeError:
            pass  # what only the standard library can write, such as numbers for names; else it says what is wrong
        try:
            return json.dumps(reply, ensure_ascii=False).encode()
        except (TypeError, ValueError, RecursionError) as problem:
            # Not a JSON type, half a surrogate pair, a cycle: a bug in the service, which still answers.
            log.error("reply not encodable", call=delivery.routing_key, exc_info=problem)
            return json.dumps(failure(problem)).encode()

    def reply_to(self, name: str, delivery: Delivery) -> dict[str, Any]:
        """The reply in Nameko's wire format. Never raises."""
        started = time.perf_counter()
        method = name.rpartition(".")[2]
        if method == PING:
            return self._pinged()
        entrypoint = self.endpoints.get(method)
        if entrypoint is None:
            return error_reply("MethodNotFound", "nameko.exceptions.MethodNotFound", [method], method)
        result = "failed"
        token = None
        try:
            token = outbox.traceparent.set(delivery.headers.get("traceparent"))
            body = json.loads(delivery.body).get("kwargs", {})
            if delivery.redelivered and not entrypoint.endpoint.call.may_be_repeated(
                body.get("idempotency_key")
            ):
                raise MayBeDone
            answer = entrypoint.endpoint.answer(
                instance_of(self.container),
                body,
                database=self.database,
                verifier=self.verifier,
            )
            result = "done"
            return {"result": answer, "error": None}
        except Refused as refused:
            result = "refused"
            facts = {"fields": refused.fields, "detail": refused.detail}
            log.info("call refused", call=name, code=refused.code)
            return error_reply(
                "Refused", "mtnet_chassis.rpc.refusals.Refused", [refused.code, facts], refused.code
            )
        except MayBeDone:
            log.warning("call not done again", call=name)
            return error_reply("MayBeDone", "mtnet_chassis.rpc.refusals.MayBeDone", [], "")
        except (Exception, eventlet.Timeout, SystemExit) as problem:  # the last two are not Exceptions
            log.error("call failed", call=name, exc_info=problem)
            return failure(problem)
        finally:
            if token is not None:
                outbox.traceparent.reset(token)
            CALL_SECONDS.labels(name, result).observe(time.perf_counter() - started)

    def _pinged(self) -> dict[str, Any]:
        """An empty reply if the service reaches its database; otherwise what failed."""
        try:
            with self.database.transaction() as tx:
                tx.execute("SELECT 1")
        except Exception as problem:
            log.warning("ping not answered", problem=type(problem).__name__)
            return failure(problem)
        return {"result": {}, "error": None}


def _property(delivery: Delivery, name: str) -> str | None:
    """None also if the properties cannot be read: then nobody can be answered."""
    try:
        return delivery.properties.get(name)
    except Exception:
        return None


def failure(problem: BaseException) -> dict[str, Any]:
    """What the caller learns about a failure: its type, never its text."""
    kind = type(problem)
    return error_reply(kind.__name__, f"{kind.__module__}.{kind.__name__}", [], "")


def error_reply(exc_type: str, exc_path: str, exc_args: list[Any], value: str) -> dict[str, Any]:
    return {
        "result": None,
        "error": {"exc_type": exc_type, "exc_path": exc_path, "exc_args": exc_args, "value": value},
    }


class CallEntrypoint(Entrypoint):  # type: ignore[misc]
    """Binds a method to a call."""

    consumer = CallConsumer()

    def __init__(self, endpoint: Answering) -> None:
        super().__init__()
        self.endpoint = endpoint

    def setup(self) -> None:
        self.consumer.endpoints[self.endpoint.call.name] = self

    def start(self) -> None:
        self.consumer.start_once()

    def stop(self) -> None:
        self.consumer.stop_once()
