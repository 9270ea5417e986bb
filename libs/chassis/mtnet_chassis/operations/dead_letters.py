"""What an operator does with dead letters: list, show, replay, discard. Every act is recorded with who and why, and
`history` reads the record.

A letter is taken from `<queue>.dead`, dealt with, and acknowledged only after its copy is confirmed to be where it
should be: a crash in between leaves it dead, or in both places, and the inbox makes the second copy harmless.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pika
from pika.exceptions import ChannelClosedByBroker

from mtnet_chassis.broker.topology import HISTORY
from mtnet_chassis.events.envelope import ATTEMPT, DISCARDED, FIRST_FAILED_AT, LAST_ERROR, REASON
from mtnet_chassis.telemetry import logger

log = logger()


NOT_FOUND = 404
ACT_HEADERS = ("x-at", "x-who", "x-action", "x-queue", "cloudEvents_id", "x-why")


class NoSuchLetter(LookupError):
    """No dead letter of that queue has this event id."""


class NoSuchQueue(LookupError):
    """No service has a handler group of that name, or the topology was not applied."""


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


@dataclass(frozen=True)
class Act:
    """What an operator did with a letter, and when (ISO 8601)."""

    at: str
    who: str
    action: str
    queue: str
    event_id: str
    why: str


class DeadLetters:
    """Works on the broker with the operator's user. `amqp_url` is AMQP_OPERATOR_URL."""

    def __init__(self, amqp_url: str) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(amqp_url))

    def close(self) -> None:
        self._connection.close()

    def list(self, queue: str) -> list[DeadLetter]:
        """The letters now in `<queue>.dead`, oldest first. They stay where they are. Raises NoSuchQueue."""
        return [_letter(queue, properties, body) for _, properties, body in self._looked_at(f"{queue}.dead")]

    def show(self, queue: str, event_id: str) -> DeadLetter:
        """Raises NoSuchLetter, NoSuchQueue."""
        for letter in self.list(queue):
            if letter.event_id == event_id:
                return letter
        raise NoSuchLetter(f"{queue}.dead holds no letter {event_id}.")

    def history(self, queue: str | None = None) -> tuple[Act, ...]:
        """What was done, oldest first; of one queue, or of all."""
        acts = [
            Act(*(str(properties.headers.get(name, "")) for name in ACT_HEADERS))
            for _, properties, _ in self._looked_at(HISTORY)
        ]
        return tuple(act for act in acts if queue in (None, act.queue))

    def replay(self, queue: str, event_id: str | None, *, who: str, reason: str) -> int:
        """Put letters (one, or all) back into their queue, as they were; tells how many. A letter that fails
        again meanwhile and is buried anew stays buried. Raises NoSuchLetter, NoSuchQueue."""
        return self._deal(queue, event_id, who=who, reason=reason, discard=False)

    def discard(self, queue: str, event_id: str, *, who: str, reason: str) -> int:
        """Have the letter passed over: the subscriber counts it as applied, without effect, so that what
        waits behind it in an ordered group goes on. A letter that cannot be read is only removed.
        Raises NoSuchLetter, NoSuchQueue."""
        return self._deal(queue, event_id, who=who, reason=reason, discard=True)

    def _deal(self, queue: str, event_id: str | None, *, who: str, reason: str, discard: bool) -> int:
        if not who.strip() or not reason.strip():
            raise ValueError("say who does it (--who) and why (--reason)")
        channel = self._connection.channel()
        channel.confirm_delivery()
        done = 0
        dealt_with: set[str] = set()
        try:
            for method, properties, body in take_all(channel, f"{queue}.dead"):
                letter = _letter(queue, properties, body)
                if event_id is not None and letter.event_id != event_id:
                    continue
                if letter.event_id in dealt_with:
                    continue
                if letter.event_id:
                    dealt_with.add(letter.event_id)
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
            close_channel(channel)
        if event_id is not None and not done:
            raise NoSuchLetter(f"{queue}.dead holds no letter {event_id}.")
        return done

    def _looked_at(self, queue: str) -> Iterator[tuple[Any, Any, bytes]]:
        channel = self._connection.channel()
        try:
            yield from take_all(channel, queue)
        finally:
            close_channel(channel)

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


def take_all(channel: Any, queue: str) -> Iterator[tuple[Any, Any, bytes]]:
    """As many messages as are in the queue now: what comes meanwhile may be what was just put back and failed
    again. Those not acknowledged go back when the channel closes. Raises NoSuchQueue."""
    try:
        method, properties, body = channel.basic_get(queue)
    except ChannelClosedByBroker as refused:
        if refused.reply_code != NOT_FOUND:
            raise
        raise NoSuchQueue(f"There is no queue {queue} on the broker.") from refused
    behind = 0 if method is None else method.message_count
    while method is not None:
        yield method, properties, body
        if not behind:
            return
        behind -= 1
        method, properties, body = channel.basic_get(queue)


def close_channel(channel: Any) -> None:
    if channel.is_open:
        channel.close()


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
