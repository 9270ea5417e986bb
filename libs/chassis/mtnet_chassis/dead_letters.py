"""What an operator does with dead letters: list, show, replay, discard. Every act is recorded with who and why.

A letter is taken from `<queue>.dead`, dealt with, and acknowledged only after its copy is confirmed to be where it
should be: a crash in between leaves it dead, or in both places, and the inbox makes the second copy harmless.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pika

from mtnet_chassis.envelope import ATTEMPT, DISCARDED, FIRST_FAILED_AT, LAST_ERROR, REASON
from mtnet_chassis.telemetry import logger
from mtnet_chassis.topology import HISTORY

log = logger()


class NoSuchLetter(LookupError):
    """No dead letter of that queue has this event id."""


@dataclass(frozen=True)
class DeadLetter:
    """`reason` is what the handler or the decoder said; None when the broker's delivery limit buried it."""

    queue: str
    event_id: str
    event: str
    stream: str
    sequence: str
    reason: str
    attempts: int
    first_failed_at: str | None
    body: str
    headers: dict[str, Any]


class DeadLetters:
    """Works on the broker with the operator's user. `amqp_url` is AMQP_OPERATOR_URL."""

    def __init__(self, amqp_url: str) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(amqp_url))

    def close(self) -> None:
        self._connection.close()

    def list(self, queue: str, most: int = 1000) -> list[DeadLetter]:
        """The letters of `<queue>.dead`, oldest first. They stay where they are."""
        channel = self._connection.channel()
        try:
            return [_letter(queue, p, body) for _, p, body in _take(channel, queue, most)]
        finally:
            channel.close()

    def show(self, queue: str, event_id: str) -> DeadLetter:
        """Raises NoSuchLetter."""
        for letter in self.list(queue):
            if letter.event_id == event_id:
                return letter
        raise NoSuchLetter(f"{queue}: {event_id}")

    def replay(self, queue: str, event_id: str | None, *, who: str, reason: str) -> int:
        """Put letters (one, or all) back into their queue, as they were; tells how many. Raises NoSuchLetter."""
        return self._deal(queue, event_id, who=who, reason=reason, discard=False)

    def discard(self, queue: str, event_id: str, *, who: str, reason: str) -> int:
        """Have the letter passed over: the subscriber counts it as applied, without effect, so that what
        waits behind it in an ordered group goes on. A letter that cannot be read is only removed.
        Raises NoSuchLetter."""
        return self._deal(queue, event_id, who=who, reason=reason, discard=True)

    def _deal(self, queue: str, event_id: str | None, *, who: str, reason: str, discard: bool) -> int:
        if not who.strip() or not reason.strip():
            raise ValueError("say who does it (--who) and why (--reason)")
        channel = self._connection.channel()
        channel.confirm_delivery()
        done = 0
        try:
            for method, properties, body in _take(channel, queue, 100_000):
                letter = _letter(queue, properties, body)
                if event_id is not None and letter.event_id != event_id:
                    continue
                action = "discarded" if discard else "replayed"
                note = {
                    "x-action": action,
                    "x-who": who,
                    "x-why": reason,
                    "x-at": datetime.now(UTC).isoformat(),
                }
                self._record(channel, letter, note)
                unreadable = letter.event_id == ""
                if not (discard and unreadable):
                    headers = _fresh(letter.headers) | (
                        {DISCARDED: f"{who}: {reason}"[:500]} if discard else {}
                    )
                    properties.headers = headers
                    channel.basic_publish("", queue, body, properties, mandatory=True)
                channel.basic_ack(method.delivery_tag)
                log.info(
                    "dead letter dealt with", action=action, queue=queue, event_id=letter.event_id, who=who
                )
                done += 1
        finally:
            channel.close()
        if event_id is not None and not done:
            raise NoSuchLetter(f"{queue}: {event_id}")
        return done

    def _record(self, channel: Any, letter: DeadLetter, note: dict[str, str]) -> None:
        """Keep the letter and what was done with it in a queue of its own (the last 10,000)."""
        channel.basic_publish(
            "",
            HISTORY,
            letter.body.encode(),
            pika.BasicProperties(
                delivery_mode=2,
                content_type="application/json",
                headers=letter.headers | note | {"x-queue": letter.queue},
            ),
            mandatory=True,
        )


def _take(channel: Any, queue: str, most: int) -> Iterator[tuple[Any, Any, bytes]]:
    """Messages now in `<queue>.dead`; those not acknowledged go back when the channel closes."""
    for _ in range(most):
        method, properties, body = channel.basic_get(f"{queue}.dead")
        if method is None:
            return
        yield method, properties, body


def _letter(queue: str, properties: Any, body: bytes) -> DeadLetter:
    headers = dict(properties.headers or {})
    reason = headers.get(REASON)
    if reason is None:
        reason = "delivery limit reached" if "x-death" in headers or "x-first-death-reason" in headers else ""
        if last := headers.get(LAST_ERROR):
            reason = f"{reason}; last error: {last}"
    return DeadLetter(
        queue=queue,
        event_id=str(headers.get("cloudEvents_id", properties.message_id or "")),
        event=str(headers.get("cloudEvents_type", "")),
        stream=str(headers.get("cloudEvents_partitionkey", "")),
        sequence=str(headers.get("cloudEvents_sequence", "")),
        reason=str(reason),
        attempts=int(headers.get(ATTEMPT, 0)),
        first_failed_at=headers.get(FIRST_FAILED_AT),
        body=body.decode(errors="replace"),
        headers=headers,
    )


def _fresh(headers: dict[str, Any]) -> dict[str, Any]:
    """Without its history of failures, so that the ladder begins anew and the broker sees no circle."""
    return {k: v for k, v in headers.items() if not k.startswith("x-")}
