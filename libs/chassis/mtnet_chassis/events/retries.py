"""What happens to an event whose handler failed: it is retried on a schedule, and then becomes a dead letter."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from typing import Any

from amqp.serialization import dumps

from mtnet_chassis.broker.reader import Delivery
from mtnet_chassis.broker.topology import RETRY_SCHEDULE, dead_exchange, retry_exchange
from mtnet_chassis.events.envelope import ATTEMPT, FIRST_FAILED_AT, LAST_ERROR, LONGEST_REASON, REASON
from mtnet_chassis.failpoints import failpoint
from mtnet_chassis.telemetry import worded

KEPT_PROPERTIES = ("content_type", "message_id", "type", "timestamp", "app_id", "correlation_id")


def service_of(queue: str) -> str:
    """`accounts` of `accounts.decisions`."""
    return queue.partition(".")[0]


def may_be_retried(headers: dict[str, Any], most: int = len(RETRY_SCHEDULE)) -> bool:
    """False once the first `most` retries of the schedule (by default all) are used up."""
    return _attempt(headers) < most and _can_be_sent(headers)


def retry_later(delivery: Delivery, queue: str, reason: str) -> None:
    """Send the message to its next delay; once that is confirmed, acknowledge it. Needs `may_be_retried`."""
    attempt = _attempt(delivery.headers)
    headers = carried_headers(delivery.headers) | {
        ATTEMPT: attempt + 1,
        FIRST_FAILED_AT: delivery.headers.get(FIRST_FAILED_AT) or datetime.now(UTC).isoformat(),
        LAST_ERROR: without_personal_data(reason)[:LONGEST_REASON],
    }
    delivery.connection.publish_confirmed(
        retry_exchange(service_of(queue), RETRY_SCHEDULE[attempt][0]),
        queue,
        delivery.body,
        properties_for(delivery.properties, headers),
    )
    failpoint("retry.after_publish")
    delivery.ack()


def dead_letter(delivery: Delivery, queue: str, reason: str) -> None:
    """Put the message into `<queue>.dead` with the reason; once that is confirmed, acknowledge it."""
    try:
        headers, properties = carried_headers(delivery.headers), delivery.properties
    except Exception:  # whatever py-amqp raises for what it cannot read
        headers, properties = {}, {}
    if not _can_be_sent(headers):
        headers = {name: value for name, value in headers.items() if isinstance(value, str)}
    delivery.connection.publish_confirmed(
        dead_exchange(service_of(queue)),
        queue,
        delivery.body,
        properties_for(properties, headers | {REASON: without_personal_data(reason)[:LONGEST_REASON]}),
    )
    delivery.ack()


def _attempt(headers: dict[str, Any]) -> int:
    """How often the message has failed. What is not a number, which none of our services writes, is the last time."""
    try:
        return int(headers.get(ATTEMPT, 0))
    except (TypeError, ValueError):
        return len(RETRY_SCHEDULE)


def _can_be_sent(headers: dict[str, Any]) -> bool:
    """Not everything that can be read from the wire can be written again (a decimal of a thousand digits)."""
    try:
        dumps("F", [headers])
    except Exception:
        return False
    return True


def without_personal_data(reason: str) -> str:
    """The reason, as it may stay on the broker for weeks and be read by operators.

    The text of the database's exception that is being handled is replaced by its SQLSTATE and constraint. Of any other
    text that looks like one, what follows the first line (DETAIL, CONTEXT: whole rows) is left out.
    """
    problem = sys.exception()
    if problem is not None and getattr(problem, "sqlstate", None) and str(problem) in reason:
        return worded(problem)
    return re.split(r"\n\s*(?:DETAIL|CONTEXT|HINT|QUERY|WHERE):", reason)[0]


def carried_headers(headers: dict[str, Any]) -> dict[str, Any]:
    """The headers without those that the broker added: it drops a message that it takes to go in circles."""
    return {
        name: value
        for name, value in headers.items()
        if not name.startswith(("x-death", "x-first-death", "x-last-death", "x-delivery-count"))
    }


def properties_for(properties: dict[str, Any], headers: dict[str, Any]) -> dict[str, Any]:
    kept = {name: properties[name] for name in KEPT_PROPERTIES if properties.get(name) is not None}
    return kept | {"delivery_mode": 2, "application_headers": headers}
