"""Tell a downstream system of all cases, page by page."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from review.snapshots.rules import Page, page_of

if TYPE_CHECKING:
    from mtnet_chassis.rpc.client import Client

    from review.snapshots.store import SnapshotStore

log = structlog.get_logger()


def cases(store: SnapshotStore, client: Client, as_of: datetime, *, after: UUID | None, limit: int) -> Page:
    """`as_of` was found before anything is read here."""
    page = page_of(as_of, store.cases(after, limit + 1), limit)
    log.info("cases told", client=client.name, count=len(page.items))
    return page
