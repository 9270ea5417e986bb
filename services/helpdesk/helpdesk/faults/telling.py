"""Telling everybody who reported a fault, a part at a time: a crash loses and repeats nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import psycopg
from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.telemetry import logger
from prometheus_client import Gauge

from helpdesk.desk_people.rules import Agent
from helpdesk.faults.rules import LOCALES, Message, again_after
from helpdesk.faults.store import FaultStore, MessageStore
from helpdesk.many_tickets import actions as tickets
from helpdesk.tickets.rules import State

# So many are told in one transaction, which takes less than a second.
PART = 500

FAILING = Gauge("mtnet_fault_telling_failing", "Reporters of faults whom a text could not be told so far.")

log = logger()


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
    """Tell the next part of what was begun first. False where nothing is due. One process at a time."""
    store = MessageStore(tx)
    FAILING.set(store.count_failing(None))
    message = store.next_message(now)
    if message is None:
        return False
    _tell_part(tx, outbox, store, message, now)
    return True


def _tell_part(tx: Tx, outbox: Outbox, store: MessageStore, message: Message, now: datetime) -> list[str]:
    """Returns the numbers of those who cannot be written to."""
    tries = store.take(message.position, PART, now)
    unreachable = _tell_those(tx, outbox, store, message, sorted(tries), tries, now)
    store.end_if_all_are_told(message.position)
    return unreachable


def _tell_those(
    tx: Tx,
    outbox: Outbox,
    store: MessageStore,
    message: Message,
    ticket_ids: Sequence[UUID],
    tries: Mapping[UUID, int],
    now: datetime,
) -> list[str]:
    """Where something fails, each half alone: in the end one is put aside, and all others are told."""
    try:
        with tx.transaction():
            return _told(tx, outbox, message, ticket_ids, now)
    except psycopg.OperationalError:
        raise
    except Exception as problem:
        if len(ticket_ids) > 1:
            middle = len(ticket_ids) // 2
            halves = (ticket_ids[:middle], ticket_ids[middle:])
            return [
                number
                for half in halves
                for number in _tell_those(tx, outbox, store, message, half, tries, now)
            ]
        (ticket_id,) = ticket_ids
        failed = tries[ticket_id] + 1
        log.exception(
            "reporter of a fault not told",
            ticket=str(ticket_id),
            tries=failed,
            problem=type(problem).__name__,
        )
        store.put_aside(message.position, ticket_id, failed, now + again_after(failed))
        return []


def _told(tx: Tx, outbox: Outbox, message: Message, ticket_ids: Collection[UUID], now: datetime) -> list[str]:
    """Returns the numbers of those who cannot be written to."""
    agent = Agent(message.agent_id, message.agent_name)
    texts = dict(zip(LOCALES, (message.text_zh, message.text_en), strict=True))
    done, unreachable = tickets.answer_many(tx, outbox, agent, ticket_ids, texts, message.then, now)
    FaultStore(tx).note_told(done, list(unreachable), now)
    return list(unreachable.values())
