"""What becomes of an event whose handler failed: the retry ladder, and the dead letters at its end."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from typing import Any

from amqp.serialization import dumps

from mtnet_chassis.broker.reader import Delivery
from mtnet_chassis.broker.topology import LADDER, dead_exchange, retry_exchange
from mtnet_chassis.events.envelope import ATTEMPT, FIRST_FAILED_AT, LAST_ERROR, LONGEST_REASON, REASON
from mtnet_chassis.failpoints import failpoint
from mtnet_chassis.telemetry import worded

KEPT_PROPERTIES = ("content_type", "message_id", "type", "timestamp", "app_id", "correlation_id")


def service_of(queue: str) -> str:
    """`accounts` of `accounts.decisions`."""
    return queue.partition(".")[0]


def may_be_postponed(headers: dict[str, Any], most: int = len(LADDER)) -> bool:
    """False when the ladder, or its first `most` rungs, are used up."""
    return _attempt(headers) < most and _can_be_sent(headers)


def postpone(delivery: Delivery, queue: str, reason: str) -> None:
    """Put the message on its next rung, confirmed, and acknowledge it; there must be one (`may_be_postponed`)."""
    attempt = _attempt(delivery.headers)
    headers = carried_headers(delivery.headers) | {
        ATTEMPT: attempt + 1,
        FIRST_FAILED_AT: delivery.headers.get(FIRST_FAILED_AT) or datetime.now(UTC).isoformat(),
        LAST_ERROR: impersonal(reason)[:LONGEST_REASON],
    }
    delivery.link.publish_confirmed(
        retry_exchange(service_of(queue), LADDER[attempt][0]),
        queue,
        delivery.body,
        properties_for(delivery.properties, headers),
    )
    failpoint("ladder.after_publish")
    delivery.ack()


def bury(delivery: Delivery, queue: str, reason: str) -> None:
    """Put the message into `<queue>.dead` with the reason, confirmed, and acknowledge it."""
    try:
        headers, properties = carried_headers(delivery.headers), delivery.properties
    except Exception:  # whatever py-amqp raises for what it cannot read
        headers, properties = {}, {}
    if not _can_be_sent(headers):
        headers = {name: value for name, value in headers.items() if isinstance(value, str)}
    delivery.link.publish_confirmed(
        dead_exchange(service_of(queue)),
        queue,
        delivery.body,
        properties_for(properties, headers | {REASON: impersonal(reason)[:LONGEST_REASON]}),
    )
    delivery.ack()


def _attempt(headers: dict[str, Any]) -> int:
    """How often the message has failed. Nonsense, which none of our services writes, counts as the last time."""
    try:
        return int(headers.get(ATTEMPT, 0))
    except (TypeError, ValueError):
        return len(LADDER)


def _can_be_sent(headers: dict[str, Any]) -> bool:
    """Not everything that can be read off the wire can be written again (a decimal of a thousand digits)."""
    try:
        dumps("F", [headers])
    except Exception:
        return False
    return True


def impersonal(reason: str) -> str:
    """The reason as it may stay on the broker for weeks and be read by operators.

    When it is the text of the database's exception now being handled, that is worded anew; of any other text
    that looks like one, what follows its first line (DETAIL, CONTEXT: whole rows) is left out.
    """
    problem = sys.exception()
    if problem is not None and getattr(problem, "sqlstate", None) and str(problem) in reason:
        return worded(problem)
    return re.split(r"\n\s*(?:DETAIL|CONTEXT|HINT|QUERY|WHERE):", reason)[0]


def carried_headers(headers: dict[str, Any]) -> dict[str, Any]:
    """Without what the broker added: RabbitMQ drops a message that it believes to go in circles."""
    return {
        name: value
        for name, value in headers.items()
        if not name.startswith(("x-death", "x-first-death", "x-last-death", "x-delivery-count"))
    }


def properties_for(properties: dict[str, Any], headers: dict[str, Any]) -> dict[str, Any]:
    kept = {name: properties[name] for name in KEPT_PROPERTIES if properties.get(name) is not None}
    return kept | {"delivery_mode": 2, "application_headers": headers}
