"""What accounts says of the accounts of the desk's people."""

from __future__ import annotations

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.consumer import on_event

from helpdesk.desk_people import actions, messages


class DeskPeopleEndpoints:
    """Whoever logs in again, and calls, is here again."""

    @on_event(messages.AccountFrozen, group="desk_people")
    def end_frozen_person(self, tx: Tx, event: messages.AccountFrozen) -> None:
        actions.note_ended(tx, event.account_id, messages.ended_at(event))

    @on_event(messages.AccountDisabled, group="desk_people")
    def end_disabled_person(self, tx: Tx, event: messages.AccountDisabled) -> None:
        actions.note_ended(tx, event.account_id, messages.ended_at(event))

    @on_event(messages.AccountClosed, group="desk_people")
    def end_closed_person(self, tx: Tx, event: messages.AccountClosed) -> None:
        actions.note_ended(tx, event.account_id, messages.ended_at(event))
