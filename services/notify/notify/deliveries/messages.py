"""What deliveries announce: what became of a message, never its text or recipient."""

from datetime import datetime

from mtnet_contracts.events import DeskAnswerFinished, MessageDelivered, MessageFailed

from notify.deliveries.rules import AwaitedDelivery, LeasedDelivery
from notify.templates.rules import Kind


def finished(
    delivery: LeasedDelivery | AwaitedDelivery, attempts: int, at: datetime, failure: str | None
) -> list[MessageDelivered | MessageFailed | DeskAnswerFinished]:
    """What is announced of an outcome: for everybody, and for the helpdesk what became of its answers alone."""
    found: list[MessageDelivered | MessageFailed | DeskAnswerFinished] = [
        message_finished(delivery, attempts, at, failure)
    ]
    if delivery.kind == Kind.DESK_ANSWER:
        answer = DeskAnswerFinished(
            message_id=delivery.message_id, entry_id=delivery.subject_id, failure=failure, finished_at=at
        )
        found.append(answer)
    return found


def message_finished(
    delivery: LeasedDelivery | AwaitedDelivery, attempts: int, at: datetime, failure: str | None
) -> MessageDelivered | MessageFailed:
    """The event of an outcome after which the delivery is not tried again."""
    if failure is None:
        return MessageDelivered(
            message_id=delivery.message_id,
            kind=delivery.kind,
            channel=delivery.channel,
            subject_id=delivery.subject_id,
            attempts=attempts,
            delivered_at=at,
        )
    return MessageFailed(
        message_id=delivery.message_id,
        kind=delivery.kind,
        channel=delivery.channel,
        subject_id=delivery.subject_id,
        attempts=attempts,
        reason=failure,
        failed_at=at,
    )
