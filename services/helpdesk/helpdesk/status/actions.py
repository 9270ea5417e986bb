"""What everybody may know of faults."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from mtnet_chassis.data.database import Tx
from mtnet_contracts.calls.helpdesk.status import HISTORY_DAYS, MOST_SHOWN
from mtnet_contracts.vocabulary.choices import SYSTEMS

from helpdesk.faults.actions import announced_faults
from helpdesk.faults.rules import Fault, Update
from helpdesk.status.rules import state_of, worst_first


def status(tx: Tx, now: datetime) -> dict[str, Any]:
    """All systems, what is announced now, and what was over in the last HISTORY_DAYS."""
    found = announced_faults(tx, now - timedelta(days=HISTORY_DAYS), MOST_SHOWN)
    current = [fault for fault, _ in found if fault.resolved_at is None]
    updates = {fault.fault_id: said for fault, said in found}
    past = sorted(
        (fault for fault, _ in found if fault.resolved_at is not None),
        key=lambda fault: fault.resolved_at or now,
        reverse=True,
    )
    return {
        "systems": [{"system": system, "state": state_of(system, current)} for system in SYSTEMS],
        "current": [_shown(fault, updates[fault.fault_id]) for fault in worst_first(current)],
        "past": [_shown(fault, updates[fault.fault_id]) for fault in past],
    }


def _shown(fault: Fault, updates: list[Update]) -> dict[str, Any]:
    return vars(fault) | {"updates": updates}
