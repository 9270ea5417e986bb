"""Telling everybody who reported a fault, a part at a time: a crash loses and repeats nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox

from helpdesk.desk_people.rules import Agent
from helpdesk.faults.rules import LOCALES, Message
from helpdesk.faults.store import FaultStore, MessageStore
from helpdesk.many_tickets import actions as tickets
from helpdesk.tickets.rules import State

# So many are told in one transaction, which takes less than a second.
PART = 500


def tell(
    tx: Tx,
    outbox: Outbox,
    fault_id: UUID,
    agent: Agent,
    texts: Mapping[str, str],
    ticket_ids: Collection[UUID] | None,
    then: State | None,
    now: datetime,
) -> tuple[int, list[str]]:
    """Begin to tell these reporters (None: all) this text, each on the channel that they wrote by, in their language.

    The first part is told at once where nothing else is on its way to them; the others follow by themselves, in the
    order in which they were begun. The fault's row is locked by the caller. Returns how many will be told or were,
    and the numbers of those of the first part who cannot be written to.
    """
    store = MessageStore(tx)
    first = not store.is_under_way(fault_id)
    zh, en = (texts[locale] for locale in LOCALES)
    message = Message(0, fault_id, zh, en, then, agent.account_id, agent.name, now)
    position, count = store.begin(message, ticket_ids)
    if not count or not first:
        return count, []
    left_out = _tell_part(tx, outbox, store, store.message(position), now)
    return count - len(left_out), left_out


def tell_on(tx: Tx, outbox: Outbox, now: datetime) -> bool:
    """Tell the next part of what was begun first. False where nothing is left. One process at a time."""
    store = MessageStore(tx)
    message = store.next_message()
    if message is None:
        return False
    _tell_part(tx, outbox, store, message, now)
    return True


def _tell_part(tx: Tx, outbox: Outbox, store: MessageStore, message: Message, now: datetime) -> list[str]:
    """Returns the numbers of those who cannot be written to."""
    ticket_ids = store.take(message.position, PART)
    agent = Agent(message.agent_id, message.agent_name)
    texts = dict(zip(LOCALES, (message.text_zh, message.text_en), strict=True))
    done, unreachable = tickets.answer_many(tx, outbox, agent, ticket_ids, texts, message.then, now)
    FaultStore(tx).note_told(done, list(unreachable), now)
    store.end_if_all_are_told(message.position)
    return list(unreachable.values())
