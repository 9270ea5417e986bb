"""What accounts says of the accounts of the desk's people."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.consumer import on_event
from mtnet_chassis.events.outbox import Outbox

from helpdesk.leaving import actions, messages


class LeavingEndpoints:
    """Whoever logs in again with a role of the desk, and calls, is here again."""

    @on_event(messages.AccountFrozen, group="desk_people")
    def end_frozen_person(self, tx: Tx, event: messages.AccountFrozen) -> None:
        self._end(tx, event.account_id, messages.ended_at(event))

    @on_event(messages.AccountDisabled, group="desk_people")
    def end_disabled_person(self, tx: Tx, event: messages.AccountDisabled) -> None:
        self._end(tx, event.account_id, messages.ended_at(event))

    @on_event(messages.AccountClosed, group="desk_people")
    def end_closed_person(self, tx: Tx, event: messages.AccountClosed) -> None:
        self._end(tx, event.account_id, messages.ended_at(event))

    @on_event(messages.AccountRolesChanged, group="desk_people")
    def end_person_without_role(self, tx: Tx, event: messages.AccountRolesChanged) -> None:
        if not messages.is_of_the_desk(event):
            self._end(tx, event.account_id, event.changed_at)

    @staticmethod
    def _end(tx: Tx, account_id: UUID, at: datetime) -> None:
        actions.leave(tx, Outbox(tx), account_id, at, datetime.now(UTC))
