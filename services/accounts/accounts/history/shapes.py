"""What the endpoint of one's own history answers with."""

from __future__ import annotations

from typing import Any

from accounts.history.rules import Happened


def history_view(request: dict[str, Any], entries: list[Happened], total: int) -> dict[str, Any]:
    return {
        "page": request["page"],
        "page_size": request["page_size"],
        "total": total,
        "entries": [vars(entry) for entry in entries],
    }
