"""Find deliveries, and send one once more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.calls.call import INVALID
from mtnet_contracts.vocabulary.dates import TAIPEI
from mtnet_contracts.vocabulary.masking import masked_contact

from notify.deliveries.actions import DeliveryQueue
from notify.deliveries.rules import URGENT, NewDelivery
from notify.deliveries.sender import ChannelState
from notify.delivery_search.rules import (
    AddressSuppressed,
    DeliveryNotFound,
    Found,
    Wanted,
    may_be_sent_again,
    place_of,
    read_place,
    require_sendable,
    spellings,
)
from notify.messages.actions import wake_after_commit
from notify.operator_acts.actions import note_act
from notify.suppressions import actions as suppressions

if TYPE_CHECKING:
    from notify.delivery_search.store import DeliverySearchStore


def find(
    store: DeliverySearchStore,
    now: datetime,
    *,
    name: str | None,
    address: str | None,
    from_day: date | None,
    to_day: date | None,
    before: str | None,
    limit: int,
    **more: str | None,
) -> dict[str, Any]:
    """What an operator sees: no text, and addresses masked. Raises Refused(INVALID) for a place that is none."""
    try:
        place = read_place(before)
    except ValueError:
        raise Refused(INVALID, fields={"before": ["NOT_VALID"]}) from None
    wanted = Wanted(
        name=name or None,
        addresses=spellings(address) if address else (),
        state=more["state"],
        channel=more["channel"],
        kind=more["kind"] or None,
        begins=_begin_of(from_day) if from_day else None,
        ends=_begin_of(to_day + timedelta(days=1)) if to_day else None,
        before=place,
    )
    found = store.deliveries(wanted, limit + 1)
    shown = found[:limit]
    attempts = defaultdict(list)
    for attempt in store.attempts_of([each.delivery_id for each in shown]):
        attempts[attempt.delivery_id].append(attempt)
    return {
        "items": [_line(each, attempts[each.delivery_id], now) for each in shown],
        "next_before": place_of(shown[-1]) if len(found) > limit else None,
    }


def send_again(
    store: DeliverySearchStore,
    sending: tuple[Tx, Transactions, Mapping[str, ChannelState]],
    actor: Actor,
    delivery_id: UUID,
    reason: str,
    now: datetime,
) -> dict[str, Any]:
    """The same text to the same address, as a message of its own: no provider takes it for the one that it knows.

    Raises DeliveryNotFound, StillOnItsWay, NotSentTwice, SentOftenEnough, AddressSuppressed.
    """
    tx, database, senders = sending
    found = store.delivery_held(delivery_id)
    if found is None:
        raise DeliveryNotFound
    require_sendable(found, now)
    if suppressions.suppressed(tx, [(found.channel, found.recipient)]):
        raise AddressSuppressed
    copy_id = uuid5(found.again_of or found.message_id, f"again:{found.copies + 1}")
    store.add_copy(found.message_id, copy_id, now)
    copy = NewDelivery(copy_id, found.channel, found.recipient, found.priority)
    DeliveryQueue(tx).add([copy], now)
    note_act(
        Outbox(tx),
        actor,
        "message_sent_again",
        now,
        kind=found.kind,
        channel=found.channel,
        name=found.name,
        reason=reason,
    )
    wake_after_commit(tx, database, senders, {found.channel: found.priority == URGENT})
    return {"message_id": copy_id, "delivery_id": copy.delivery_id}


def _line(found: Found, attempts: list[Any], now: datetime) -> dict[str, Any]:
    return vars(found) | {
        "recipient": masked_contact(found.recipient),
        "attempts": attempts,
        "may_be_sent_again": may_be_sent_again(found, now),
    }


def _begin_of(day: date) -> datetime:
    """Midnight in Taipei."""
    return datetime.combine(day, time(), TAIPEI)
