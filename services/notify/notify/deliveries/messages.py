"""What deliveries announce: what became of a message, never its text or recipient."""

from mtnet_contracts.events import MessageDelivered, MessageFailed

from notify.deliveries.rules import Outcome


def message_finished(outcome: Outcome, attempts: int) -> MessageDelivered | MessageFailed:
    """The event of an outcome after which the delivery is not tried again."""
    delivery = outcome.delivery
    if outcome.failure is None:
        return MessageDelivered(
            message_id=delivery.message_id,
            kind=delivery.kind,
            channel=delivery.channel,
            subject_id=delivery.subject_id,
            attempts=attempts,
            delivered_at=outcome.at,
        )
    return MessageFailed(
        message_id=delivery.message_id,
        kind=delivery.kind,
        channel=delivery.channel,
        subject_id=delivery.subject_id,
        attempts=attempts,
        reason=outcome.failure,
        failed_at=outcome.at,
    )
