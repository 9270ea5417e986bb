"""Put on the record what a person chose about how they are told."""

from collections.abc import Iterable
from datetime import datetime

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.holder import Holder

from notify.contact_points.rules import Person
from notify.own_choices import messages


def note_preferences(
    tx: Tx, person: Person, caller: Actor | Holder, categories: Iterable[str], now: datetime
) -> None:
    """In the transaction of the change, as all of these."""
    _note(tx, person, caller, messages.PREFERENCES, now, categories)


def note_line(tx: Tx, person: Person, caller: Actor | Holder | None, now: datetime, *, linked: bool) -> None:
    _note(tx, person, caller, messages.LINE_LINKED if linked else messages.LINE_UNLINKED, now)


def note_fax(tx: Tx, person: Person, caller: Actor, now: datetime, *, added: bool) -> None:
    _note(tx, person, caller, messages.FAX_ADDED if added else messages.FAX_REMOVED, now)


def _note(
    tx: Tx,
    person: Person,
    caller: Actor | Holder | None,
    change: str,
    now: datetime,
    categories: Iterable[str] = (),
) -> None:
    Outbox(tx).announce(messages.choice_changed(person, caller, change, categories, now))
