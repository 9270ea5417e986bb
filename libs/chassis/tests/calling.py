"""A caller for tests: Nameko's wire format through pika."""

import json
import uuid

import pika


class Caller:
    def __init__(self, amqp_url):
        self._connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
        self._channel = self._connection.channel()
        self._replies = f"gateway-replies-{uuid.uuid4()}"
        self._channel.queue_declare(self._replies, exclusive=True)
        self._channel.queue_bind(self._replies, "nameko-rpc", self._replies)

    def send(self, name, body):
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

    def replies(self, count=1, seconds=20):
        """By correlation id, in the order of arrival."""
        found = {}
        for method, properties, body in self._channel.consume(self._replies, inactivity_timeout=seconds):
            if method is None:
                break
            found[properties.correlation_id] = json.loads(body)
            self._channel.basic_ack(method.delivery_tag)
            if len(found) == count:
                break
        self._channel.cancel()
        return found

    def call(self, name, request=None, *, actor=None, key=None):
        correlation_id = self.send(name, {"actor": actor, "idempotency_key": key, "request": request or {}})
        return self.replies()[correlation_id]

    def close(self):
        self._connection.close()
