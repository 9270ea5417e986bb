"""People who were written to by one call find the text among their messages, too."""

from datetime import datetime, timedelta

from notify.broadcast_chunks.rules import SentChunk
from notify.broadcasts import reaching
from notify.broadcasts.rules import Broadcast, State, details_of, message_id_of
from notify.broadcasts.store import Stores
from notify.channels.rules import Failure
from notify.contact_points.rules import Person
from notify.deliveries.rules import State as DeliveryState
from notify.messages.actions import write_sent
from notify.messages.rules import Message
from notify.templates.rules import Kind

# Of 500 people each, in one transaction.
MOST_TOLD = 10
# First all calls are made. When that takes long, what was sent is told meanwhile.
TELL_AFTER = timedelta(seconds=5)


def tell(stores: Stores, broadcast: Broadcast, now: datetime) -> None:
    """A message and its delivery for each person of some chunks that were sent; a few statements for each chunk."""
    broadcast_id = broadcast.broadcast_id
    calls_to_make = broadcast.state is State.RUNNING and (
        broadcast.frozen_to < broadcast.people or stores.chunks.waiting_chunks(broadcast_id) > 0
    )
    moment = now - TELL_AFTER if calls_to_make else now
    sent = stores.chunks.sent_before(broadcast_id, moment, MOST_TOLD)
    for chunk in sent:
        _tell(stores, broadcast, chunk)
    if sent:
        stores.chunks.close_sent(broadcast_id, [each.chunk for each in sent])


def _tell(stores: Stores, broadcast: Broadcast, chunk: SentChunk) -> None:
    message = Message(
        message_id=broadcast.broadcast_id,
        event_id=broadcast.broadcast_id,
        kind=Kind.BROADCAST,
        subject_id=broadcast.broadcast_id,
        locale=chunk.locale,
        details=details_of(broadcast.text(chunk.locale), ""),
        template_version=chunk.template_version,
        own_plan=reaching.plan_of(broadcast.category),
    )
    persons = map(Person, chunk.person_kinds, chunk.person_ids)  # type: ignore[arg-type]
    people = {
        message_id_of(broadcast.broadcast_id, person.id): (person, (chunk.channel, address))
        for person, address in zip(persons, chunk.recipients, strict=True)
    }
    arrived = any(":delivered" in outcome for outcome in chunk.counts)
    state, failure = (DeliveryState.DELIVERED, None) if arrived else (DeliveryState.FAILED, Failure.GAVE_UP)
    write_sent(stores.tx, message, people, state, failure, chunk.closed_at)
