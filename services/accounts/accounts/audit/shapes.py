"""The audit log as the contract shows it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from accounts.audit.rules import FoundEntry, Verified


def audit_view(found: list[FoundEntry], next_before: int | None, verified: Verified | None) -> dict[str, Any]:
    return {
        "items": [asdict(entry) for entry in found],
        "next_before": next_before,
        "verified_at": verified.at if verified else None,
        "verified_position": verified.position if verified else None,
        "broken_position": verified.broken_position if verified else None,
    }
