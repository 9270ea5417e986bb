"""A caller for tests: Nameko's wire format through pika."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pika


class Caller:
    def __init__(self, amqp_url: str) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
        self._channel = self._connection.channel()
        self._replies = f"gateway-replies-{uuid.uuid4()}"
        self._channel.queue_declare(self._replies, exclusive=True)
        self._channel.queue_bind(self._replies, "nameko-rpc", self._replies)

    def send(self, name: str, body: Any) -> str:
        """Returns the correlation id of the call."""
        correlation_id = str(uuid.uuid4())
        self._channel.basic_publish(
            "nameko-rpc",
            name,
            body if isinstance(body, bytes) else json.dumps({"args": [], "kwargs": body}).encode(),
            pika.BasicProperties(
                reply_to=self._replies, correlation_id=correlation_id, content_type="application/json"
            ),
        )
        return correlation_id

    def replies(self, count: int = 1, seconds: float = 20) -> dict[str, Any]:
        """By correlation id, in the order of arrival; fewer where they do not come in time."""
        found: dict[str, Any] = {}
        for method, properties, body in self._channel.consume(self._replies, inactivity_timeout=seconds):
            if method is None:
                break
            found[properties.correlation_id] = json.loads(body)
            self._channel.basic_ack(method.delivery_tag)
            if len(found) == count:
                break
        self._channel.cancel()
        return found

    def call(
        self, name: str, request: Any = None, *, actor: str | None = None, key: str | None = None
    ) -> Any:
        """The reply. Raises KeyError where there is none in time."""
        correlation_id = self.send(name, {"actor": actor, "idempotency_key": key, "request": request or {}})
        return self.replies()[correlation_id]

    def close(self) -> None:
        self._connection.close()
