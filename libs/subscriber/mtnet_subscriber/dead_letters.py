"""Dead letters: those in the subscriber's database, and those in the broker's queue `downstream.<system>.dead`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pika

from mtnet_subscriber.event import Undecodable, message_of
from mtnet_subscriber.intake import Url, parameters_of
from mtnet_subscriber.ledger import Kept, Ledger
from mtnet_subscriber.stores import Store

# How far one letter is searched for in the broker's queue: what is looked at is held until the end.
MOST_LOOKED_AT = 100_000


class NotThere(LookupError):
    """No dead letter has this id."""


class KeptLetters:
    """Dead letters in the database: they hold their aggregate until they are retried or discarded."""

    def __init__(self, store: Store, system: str) -> None:
        self._store = store
        self._ledger = Ledger(store, system)

    def all(self, most: int = 100) -> list[Kept]:
        """The oldest of them."""
        return self._ledger.kept("dead", most)

    def retry_all(self) -> int:
        """As `retry`, all that there are. Returns how many."""
        with self._store.transaction():
            return self._ledger.retry_dead(int(time.time() * 1000))

    def discard_all(self) -> int:
        """As `discard`, all that there are. Returns how many."""
        done = 0
        while letters := self.all():
            for letter in letters:
                with suppress(NotThere):
                    self.discard(letter.event_id)
                    done += 1
        return done

    def retry(self, event_id: str) -> None:
        """Let the running subscriber try it again, with all attempts before it. Raises NotThere."""
        with self._store.transaction():
            kept = self._dead(event_id)
            self._ledger.change_kept(
                event_id, "retrying", attempts=0, next_ms=int(time.time() * 1000), reason=kept.reason
            )

    def discard(self, event_id: str) -> None:
        """Count it as applied, so that its aggregate goes on. Raises NotThere."""
        with self._store.transaction():
            message = self._ledger.kept_message(event_id)
            if message is None:
                raise NotThere(event_id)
            positions = self._ledger.locked_positions([message.stream])
            self._dead(event_id)
            self._ledger.take_kept(event_id)
            positions[message.stream] = max(positions[message.stream], message.sequence)
            self._ledger.save_applied([message], positions)
            self._ledger.wake(message.stream, positions[message.stream], int(time.time() * 1000))

    def _dead(self, event_id: str) -> Kept:
        kept = self._ledger.kept_one(event_id)
        if kept is None or kept.state != "dead":
            raise NotThere(event_id)
        return kept


@dataclass(frozen=True)
class BrokersLetter:
    """A message in the broker's queue of dead letters. `event_id` is empty when it cannot be read."""

    event_id: str
    type: str
    reason: str
    problem: str


class BrokersLetters:
    """The queue `downstream.<system>.dead`. A system may read it, and write to the exchange
    `downstream.<system>.back`, which leads to its live queue."""

    def __init__(self, url: Url, system: str) -> None:
        self._url = url
        self._queue = f"downstream.{system}"
        self._name = f"{system}-dead-letters"

    def counts(self) -> tuple[int, int]:
        """Messages that are ready in the queue, and in that of dead letters."""
        with self._channel() as channel:
            live, dead = (
                channel.queue_declare(name, passive=True).method.message_count
                for name in (self._queue, f"{self._queue}.dead")
            )
            return live, dead

    def all(self, most: int = 100) -> list[BrokersLetter]:
        """The oldest of them; they stay where they are."""
        with self._channel() as channel:
            return [_letter(properties, body) for _, properties, body in self._look(channel, most)]

    def retry(self, event_id: str | None) -> int:
        """Send this one, or with None all, to the live queue again. Returns how many."""

        def send(channel: Any, properties: Any, body: bytes) -> None:
            # The broker drops a message that goes in a circle; its own notes tell it so.
            headers = {k: v for k, v in (properties.headers or {}).items() if not k.startswith("x-")}
            properties.headers = headers
            properties.delivery_mode = 2
            channel.basic_publish(f"{self._queue}.back", self._queue, body, properties, mandatory=True)

        return self._each(event_id, send)

    def discard(self, event_id: str | None) -> int:
        """Remove this one, or with None all. Returns how many."""
        return self._each(event_id, lambda *_: None)

    def _each(self, event_id: str | None, act: Any) -> int:
        done = 0
        with self._channel() as channel:
            channel.confirm_delivery()
            for tag, properties, body in self._look(channel, None if event_id is None else MOST_LOOKED_AT):
                if event_id is None or _letter(properties, body).event_id == event_id:
                    act(channel, properties, body)
                    channel.basic_ack(tag)
                    done += 1
                    if event_id is not None:
                        break
        return done

    def _look(self, channel: Any, most: int | None) -> Iterator[tuple[int, Any, bytes]]:
        """One after the other, at most as many as there were. What is not acknowledged goes back with the channel.

        None: all that there were; whoever goes on acknowledges each.
        """
        there = channel.queue_declare(f"{self._queue}.dead", passive=True).method.message_count
        for _ in range(there if most is None else min(most, there)):
            method, properties, body = channel.basic_get(f"{self._queue}.dead")
            if method is None:
                return
            yield method.delivery_tag, properties, body

    @contextmanager
    def _channel(self) -> Iterator[Any]:
        connection = pika.BlockingConnection(parameters_of(self._url, self._name))
        try:
            yield connection.channel()
        finally:
            connection.close()


def _letter(properties: Any, body: bytes) -> BrokersLetter:
    headers = dict(properties.headers or {})
    reason = str(headers.get("x-first-death-reason", ""))
    kind = str(headers.get("cloudEvents_type", ""))[:100]
    try:
        message = message_of(headers, body)
        return BrokersLetter(str(message.id), kind, reason, "")
    except Undecodable as problem:
        return BrokersLetter(str(headers.get("cloudEvents_id", ""))[:36], kind, reason, str(problem))
