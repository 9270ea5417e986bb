"""Dead letters: events that a group's handlers could not apply, in the queue `<service>.<group>.dead`.

A letter is dealt with in three steps: it is recorded, its copy is put where it should be and confirmed, and only then
is it taken off the queue. A crash in between leaves it dead, or in both places; the inbox makes a second copy harmless.
"""

from __future__ import annotations

from typing import Any

import psycopg

from mtnet_chassis.events.envelope import ATTEMPT, DISCARDED, LAST_ERROR, REASON
from mtnet_chassis.operations.queues import confirmed_channel, take_all
from mtnet_chassis.operations.record import Operator, Record, StuckEvent, log_act, number


class NoSuchLetter(LookupError):
    """No dead letter of that queue has this event id."""


class DeadLetters:
    """The letters of one queue. `broker` is a pika connection of the operator, `session` one to the database of the
    service that listens."""

    def __init__(self, broker: Any, queue: str, session: psycopg.Connection[Any]) -> None:
        self._broker = broker
        self._queue = queue
        self._session = session

    def list(self) -> list[StuckEvent]:
        """Oldest first. They stay where they are. Raises NoSuchQueue."""
        return letters_in(self._broker, self._queue)

    def retry(self, event_id: str | None, by: Operator) -> int:
        """Put a letter (None: all of them) back into its queue, as it was. Returns how many. One that fails again
        meanwhile stays dead. Raises NoSuchLetter, NoSuchQueue."""
        return self._deal(event_id, by, discard=False)

    def discard(self, event_id: str, by: Operator) -> int:
        """Have the letter skipped: the subscriber counts it as applied, without effect, so that what waits behind
        it in an ordered group goes on. A letter that cannot be read is only removed. Raises NoSuchLetter,
        NoSuchQueue."""
        return self._deal(event_id, by, discard=True)

    def _deal(self, event_id: str | None, by: Operator, *, discard: bool) -> int:
        done = 0
        dealt_with: set[str] = set()
        with confirmed_channel(self._broker) as channel:
            for method, properties, body in take_all(channel, f"{self._queue}.dead"):
                letter = _letter(self._queue, properties, body)
                if (event_id is not None and letter.id != event_id) or letter.id in dealt_with:
                    continue
                if letter.id:
                    dealt_with.add(letter.id)
                action = "discarded" if discard else "retried"
                with self._session.transaction():
                    Record(self._session).note(action, letter, by)
                if letter.id or not discard:
                    properties.headers = _fresh(letter.headers) | (
                        {DISCARDED: f"{by.who}: {by.why}"[:500]} if discard else {}
                    )
                    channel.basic_publish("", self._queue, body, properties, mandatory=True)
                channel.basic_ack(method.delivery_tag)
                log_act(action, letter, by)
                done += 1
        if event_id is not None and not done:
            raise NoSuchLetter(f"{self._queue}.dead holds no letter {event_id}.")
        return done


def letters_in(broker: Any, queue: str) -> list[StuckEvent]:
    """The dead letters of a queue, oldest first. They stay where they are. Raises NoSuchQueue."""
    with confirmed_channel(broker) as channel:
        return [
            _letter(queue, properties, body) for _, properties, body in take_all(channel, f"{queue}.dead")
        ]


def _letter(queue: str, properties: Any, body: bytes) -> StuckEvent:
    headers = dict(properties.headers or {})
    reason = headers.get(REASON)
    if reason is None:
        reason = "delivery limit reached" if "x-death" in headers or "x-first-death-reason" in headers else ""
        if last := headers.get(LAST_ERROR):
            reason = f"{reason}; last error: {last}"
    return StuckEvent(
        kind="dead-letter",
        place=queue,
        id=str(headers.get("cloudEvents_id", properties.message_id or "")),
        event=str(headers.get("cloudEvents_type", "")),
        stream=str(headers.get("cloudEvents_partitionkey", "")),
        sequence=number(headers.get("cloudEvents_sequence")),
        reason=str(reason),
        attempts=number(headers.get(ATTEMPT)) or 0,
        headers=headers,
        body=body,
    )


def _fresh(headers: dict[str, Any]) -> dict[str, Any]:
    """Without its history of failures, so that the retry schedule starts again and the broker does not drop it."""
    return {name: value for name, value in headers.items() if not name.startswith("x-")}
