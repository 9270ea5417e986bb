"""The portal's side of a downstream system in tests: registered on a broker, and sent what the relay sends."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import UUID, uuid4

import pika

from mtnet_chassis.broker.downstream import (
    Credential,
    DownstreamSystem,
    bindings_of,
    differences,
    hashed,
    permission_of,
)
from mtnet_chassis.broker.management import Management
from mtnet_chassis.broker.topology import Permission
from mtnet_chassis.events.envelope import headers_for

STREAM = {"x-queue-type": "stream", "x-max-age": "35D"}


@dataclass
class Announced:
    """An event that is sent, and sent again, alike. `payload` is the JSON object of its contract."""

    name: str
    subject: str
    sequence: int
    payload: Mapping[str, Any]
    source: str = "accounts"
    aggregate: str = "account"
    event_id: UUID = field(default_factory=uuid4)
    occurred_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def headers(self) -> dict[str, Any]:
        return headers_for(
            event_id=self.event_id,
            source=self.source,
            name=self.name,
            aggregate=self.aggregate,
            subject=self.subject,
            sequence=self.sequence,
            occurred_at=self.occurred_at,
            traceparent=None,
        )

    @property
    def body(self) -> bytes:
        return json.dumps(dict(self.payload)).encode()


class Registered:
    """A system with its queue and rights as accounts lays them out. `url` is that of its own user.

    `events` are names by source. No other system may be registered on this virtual host.
    """

    def __init__(
        self,
        management: Management,
        amqp_url: str,
        name: str,
        events: Iterable[tuple[str, str]],
        nameko_method: str | None = None,
    ) -> None:
        secret = secrets.token_urlsafe(24)
        user = f"downstream.{name}.1"
        self.name = name
        self.management = management
        credential = Credential(user, hashed(secret))
        self.system = DownstreamSystem(name, frozenset(events), (credential,), nameko_method)
        self.queue = self.system.queue
        self._admin = amqp_url
        self._exchanges = {each.routing_key: each.exchange for each in bindings_of(self.system)}
        self._streams: list[str] = []
        self._connect()
        for source, event in self.system.events:
            first, last = self._exchanges[event], f"{source}.events"
            for exchange in {first, last}:
                self.channel.exchange_declare(exchange, "topic", durable=True)
            if first != last:
                self.channel.exchange_bind(last, first, "#")
        for difference in differences(management, [self.system]):
            difference.mend()
        parts = urlsplit(amqp_url)
        self.url = urlunsplit(parts._replace(netloc=f"{user}:{secret}@{parts.netloc.rpartition('@')[2]}"))

    def _connect(self) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(self._admin))
        self.channel = self._connection.channel()
        self.channel.confirm_delivery()

    def reconnected(self) -> bool:
        """After the broker was away. Raises what pika raises."""
        with suppress(pika.exceptions.AMQPError):  # the lost one keeps its sockets until it is closed
            self._connection.close()
        self._connect()
        return True

    def send(self, *events: Announced) -> None:
        for each in events:
            self.send_raw(each.headers, each.body, each.name)

    def send_raw(self, headers: Mapping[str, Any], body: bytes, key: str) -> None:
        properties = pika.BasicProperties(
            headers=dict(headers), delivery_mode=2, content_type="application/json", type=key
        )
        self.channel.basic_publish(self._exchanges[key], key, body, properties)

    def ready(self, queue: str | None = None) -> int:
        """Messages ready in the live queue, or in another one."""
        return int(self.channel.queue_declare(queue or self.queue, passive=True).method.message_count)

    def consumers(self, queue: str) -> int:
        return int(self.channel.queue_declare(queue, passive=True).method.consumer_count)

    def make_streams(self) -> list[str]:
        """New streams of all its events, which it may read."""
        self.remove_streams()
        for source, event in sorted(self.system.events):
            name = f"{source}.{event}.stream"
            self.channel.queue_declare(name, durable=True, arguments=STREAM)
            self.channel.queue_bind(name, self._exchanges[event], event)
            self._streams.append(name)
        (credential,) = self.system.credentials
        granted = permission_of(self.system, credential.user)
        streams = "|".join(each.replace(".", r"\.") for each in self._streams)
        self.management.set_permission(
            Permission(granted.user, granted.configure, granted.write, f"{granted.read}|^({streams})$")
        )
        return list(self._streams)

    def remove_streams(self) -> None:
        while self._streams:
            self.channel.queue_delete(self._streams.pop())

    def limit(self, length: int) -> None:
        """Let its queue hold no more messages than this."""
        rule = {
            "pattern": f"^{self.queue}$".replace(".", r"\."),
            "definition": {"max-length": length, "overflow": "drop-head"},
            "priority": 100,
            "apply-to": "queues",
        }
        self.management.call("PUT", f"/policies/{self.management.vhost}/{quote(self.queue)}-limit", rule)

    def no_limit(self) -> None:
        self.management.call("DELETE", f"/policies/{self.management.vhost}/{quote(self.queue)}-limit")

    def remove(self) -> None:
        self.remove_streams()
        self._connection.close()
        for difference in differences(self.management, []):
            difference.mend()
