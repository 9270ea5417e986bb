"""Where streams end at this moment, asked by AMQP 0-9-1."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pika
import pika.exceptions

from mtnet_subscriber.intake import Url, parameters_of
from mtnet_subscriber.rules import Stopping, StreamRefused, back_off

log = logging.getLogger("mtnet_subscriber")

OFFSET = "x-stream-offset"
PREFETCH = 400
LOOK_SECONDS = 0.05
# How long the first message of a last chunk may take. That a stream is empty is known by the broker's own count, which
# may be five seconds old; hence a moment even then.
CHUNK_SECONDS = 10.0
EMPTY_SECONDS = 1.0
# Under traffic the end goes on. Any place after the question will do.
MOST_OF_AN_END = 10_000


def ends_of(
    url: Url, streams: Sequence[str], *, name: str, stopping: Callable[[float], bool]
) -> dict[str, int]:
    """The offset of each stream's last message, -1 for none. What is there when this begins lies not beyond.

    Connects again while the broker is away. Raises StreamRefused and Stopping.
    """
    failures = 0
    while True:
        try:
            return _asked(pika.BlockingConnection(parameters_of(url, name)), streams, stopping)
        except pika.exceptions.ChannelClosedByBroker as problem:
            raise StreamRefused(problem.reply_text) from problem
        except (pika.exceptions.AMQPError, OSError) as problem:
            pause = back_off(failures, random.random())  # noqa: S311 - jitter is no secret
            failures += 1
            log.warning("the ends of streams: no answer (%r), again in %.1f s", problem, pause)
            if stopping(pause):
                raise Stopping from problem


def _asked(connection: Any, streams: Sequence[str], stopping: Callable[[float], bool]) -> dict[str, int]:
    try:
        asked = [_LastChunk(connection.channel(), stream) for stream in streams]
        while any(each.awaited for each in asked):
            if stopping(0):
                raise Stopping
            connection.process_data_events(LOOK_SECONDS)
        for each in asked:
            while each.goes_on():
                connection.process_data_events(0)
        return {each.stream: each.end for each in asked}
    finally:
        # pika returns what it has not handed out yet; a stream takes nothing back and closes the connection.
        with suppress(pika.exceptions.AMQPError):
            connection.close()


class _LastChunk:
    """Reads from the beginning of the last chunk on."""

    def __init__(self, channel: Any, stream: str) -> None:
        self.stream = stream
        self.end = -1
        self._asked_at = -1
        self._seen = self._tag = 0
        self._channel = channel
        count = channel.queue_declare(stream, passive=True).method.message_count
        self._patience = time.monotonic() + (CHUNK_SECONDS if count else EMPTY_SECONDS)
        channel.basic_qos(prefetch_count=PREFETCH)
        channel.basic_consume(stream, self._on_message, arguments={OFFSET: "last"})

    @property
    def awaited(self) -> bool:
        return self.end < 0 and time.monotonic() < self._patience

    def _on_message(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        self.end, self._tag = int(properties.headers[OFFSET]), method.delivery_tag
        self._seen += 1

    def goes_on(self) -> bool:
        """Whether more came since this was asked the last time.

        The broker handles a channel's requests in their order: what it can send for an acknowledgement, it has sent
        before it answers the next question.
        """
        if self.end == self._asked_at or self._seen > MOST_OF_AN_END:
            return False
        self._asked_at = self.end
        self._channel.basic_ack(self._tag, multiple=True)
        self._channel.queue_declare(self.stream, passive=True)
        return True
