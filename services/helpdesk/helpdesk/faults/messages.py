"""What everybody is told of faults, announced: content shows it and takes it down."""

from __future__ import annotations

from datetime import datetime

from mtnet_contracts.events import FaultAnnounced, FaultResolved

from helpdesk.faults.rules import Fault, Update


def fault_announced(fault: Fault, update: Update) -> FaultAnnounced:
    return FaultAnnounced(
        fault_id=fault.fault_id,
        number=fault.number,
        affected_system=fault.affected_system,
        severity=fault.severity,
        title_zh=fault.title_zh,
        title_en=fault.title_en,
        text_zh=update.text_zh,
        text_en=update.text_en,
        workaround_zh=fault.workaround_zh,
        workaround_en=fault.workaround_en,
        started_at=fault.started_at,
        announced_at=update.at,
    )


def fault_resolved(fault: Fault, at: datetime) -> FaultResolved:
    return FaultResolved(fault_id=fault.fault_id, number=fault.number, resolved_at=at)
