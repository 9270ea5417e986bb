"""What accounts and notify say of addresses, and of whose they are."""

from __future__ import annotations

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.consumer import on_event

from helpdesk.requesters import actions, messages


class RequesterEndpoints:
    """What was true later stays, in whatever order the events arrive."""

    @on_event(messages.AccountOpened, group="accounts")
    def keep_addresses(self, tx: Tx, event: messages.AccountOpened) -> None:
        actions.keep_account(tx, *messages.owner_of(event), messages.addresses_of(event), event.occurred_at)
        actions.keep_fax(tx, event.account_id, messages.fax_of(event), event.occurred_at)

    @on_event(messages.ContactChanged, group="accounts")
    def keep_changed_addresses(self, tx: Tx, event: messages.ContactChanged) -> None:
        actions.keep_account(tx, *messages.owner_of(event), messages.addresses_of(event), event.occurred_at)

    @on_event(messages.ContactChangeUndone, group="accounts")
    def keep_former_addresses(self, tx: Tx, event: messages.ContactChangeUndone) -> None:
        actions.keep_former(tx, *messages.owner_of(event), messages.addresses_of(event), event.occurred_at)

    @on_event(messages.AccountClosed, group="accounts")
    def forget_addresses(self, tx: Tx, event: messages.AccountClosed) -> None:
        actions.forget_account(tx, event.account_id, event.occurred_at)

    @on_event(messages.LineLinked, group="line")
    def keep_line_user(self, tx: Tx, event: messages.LineLinked) -> None:
        actions.keep_line(tx, event.account_id, event.line_user_id, event.linked_at)

    @on_event(messages.LineUnlinked, group="line")
    def forget_line_user(self, tx: Tx, event: messages.LineUnlinked) -> None:
        if event.undone:
            actions.undo_line(tx, event.account_id, event.unlinked_at)
        else:
            actions.keep_line(tx, event.account_id, None, event.unlinked_at)

    @on_event(messages.FaxNumberConfirmed, group="fax")
    def keep_fax_number(self, tx: Tx, event: messages.FaxNumberConfirmed) -> None:
        actions.keep_fax(tx, event.account_id, messages.fax_of(event), event.confirmed_at)

    @on_event(messages.FaxNumberRemoved, group="fax")
    def forget_fax_number(self, tx: Tx, event: messages.FaxNumberRemoved) -> None:
        if event.undone:
            actions.undo_fax(tx, event.account_id, event.removed_at)
        else:
            actions.keep_fax(tx, event.account_id, None, event.removed_at)
