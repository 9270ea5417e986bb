"""What deliveries announce: what became of a message, never its text or recipient."""

from datetime import datetime

from mtnet_contracts.events import MessageDelivered, MessageFailed

from notify.deliveries.rules import AwaitedDelivery, LeasedDelivery


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
