"""What other services tell the audit log."""

from __future__ import annotations

from typing import Any

from mtnet_contracts.events import DeskActed, EditorActed, NotificationChoiceChanged, OperatorActed

__all__ = ["DeskActed", "EditorActed", "NotificationChoiceChanged", "OperatorActed"]


def entry_of(event: OperatorActed | DeskActed | EditorActed) -> dict[str, Any]:
    """What an operator, an agent of the helpdesk or an editor did elsewhere, as `actions.record` takes it."""
    return {
        "action": event.action,
        "now": event.acted_at,
        "subject_id": None if isinstance(event, EditorActed) else event.subject_id,
        "detail": {fact.name: fact.value for fact in event.facts},
        "actor_account_id": event.actor_account_id,
        "ip": event.ip,
    }


def entry_of_choice(event: NotificationChoiceChanged) -> dict[str, Any]:
    """How a person changed the ways in which they are told; never an address."""
    return {
        "action": event.change,
        "now": event.changed_at,
        "subject_id": event.person_id,
        "detail": {"categories": list(event.categories)} if event.categories else {},
        "actor_account_id": event.actor_account_id,
        "ip": event.ip,
    }
