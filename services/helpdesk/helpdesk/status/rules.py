"""How a system is, judged by the announced faults that are not over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from helpdesk.faults.rules import Fault

WORKING, IMPAIRED, DOWN = "working", "impaired", "down"


def state_of(system: str, current: Iterable[Fault]) -> str:
    """A critical fault: it cannot be used; any other: something is slow or partly away."""
    severities = {fault.severity for fault in current if fault.affected_system == system}
    if "critical" in severities:
        return DOWN
    return IMPAIRED if severities else WORKING


def worst_first(faults: Iterable[Fault]) -> Sequence[Fault]:
    return sorted(faults, key=lambda fault: (-fault.rank, fault.started_at))
