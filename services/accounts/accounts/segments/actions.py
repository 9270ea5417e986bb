"""What can be asked of segments: who is in one, and who has these names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from accounts.segments.rules import without_repeats
from accounts.segments.store import SegmentStore


def accounts_of(
    store: SegmentStore, *, segment: str, system: str | None, after: UUID | None, limit: int
) -> dict[str, Any]:
    """A page of the segment, and where the next one begins."""
    found = store.accounts_in(segment, system=system, after=after, limit=limit)
    return {"account_ids": found, "next_after": found[-1] if len(found) == limit else None}


def accounts_named(store: SegmentStore, names: Sequence[str]) -> dict[str, Any]:
    """The accounts of these names, and the names as typed that nobody has who can be written to."""
    wanted = without_repeats(names)
    found = store.accounts_named(list(wanted))
    return {
        "account_ids": [found[name] for name in wanted if name in found],
        "unknown_names": [typed for name, typed in wanted.items() if name not in found],
    }
