"""How operators search the audit log, and the timer that verifies it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.consumer import on_event
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import endpoint
from mtnet_chassis.runtime.timers import timer_once
from mtnet_contracts.calls.accounts import audit as calls

from accounts.audit import actions, messages
from accounts.audit.shapes import audit_view
from accounts.audit.store import AuditStore


class AuditEndpoints:
    @endpoint(calls.AUDIT_ENTRIES, roles={"operator"})
    def audit_entries(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> Any:
        return audit_view(*actions.search(AuditStore(tx), actor, **request, now=datetime.now(UTC)))

    @on_event(messages.OperatorActed)
    def record_operator_act(self, tx: Tx, event: messages.OperatorActed) -> None:
        actions.record(AuditStore(tx), **messages.entry_of(event))

    @on_event(messages.DeskActed)
    def record_desk_act(self, tx: Tx, event: messages.DeskActed) -> None:
        actions.record(AuditStore(tx), **messages.entry_of(event))

    @on_event(messages.EditorActed)
    def record_editor_act(self, tx: Tx, event: messages.EditorActed) -> None:
        actions.record(AuditStore(tx), **messages.entry_of(event))

    @on_event(messages.NotificationChoiceChanged)
    def record_notification_choice(self, tx: Tx, event: messages.NotificationChoiceChanged) -> None:
        actions.record(AuditStore(tx), **messages.entry_of_choice(event))

    @timer_once(600, variable="ACCOUNTS_AUDIT_SECONDS")
    def verify_audit_log(self, tx: Tx) -> None:
        """Looks every ten minutes whether a day has passed since the last verification."""
        actions.verify_daily(AuditStore(tx), datetime.now(UTC))
