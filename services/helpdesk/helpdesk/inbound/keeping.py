"""Keep what came in before anything is understood: once, and so that a power failure takes nothing away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.data.files import Files
from mtnet_chassis.failpoints import failpoint
from prometheus_client import Counter

from helpdesk.inbound.rules import Channel
from helpdesk.inbound.store import InboundStore, NewItem

# What comes twice has the same id, and its file the same key: nothing is left behind by what was begun twice.
ITEMS = UUID("5b0c7d5e-3a3e-4a75-9c0b-7a3f5d1c2e10")
# What is larger lies in the object store.
LARGEST_IN_ROW = 128 * 1024

STORED = Counter(
    "mtnet_inbound_total", "Things that came in, by channel, and whether they were new.", ["channel", "new"]
)


@dataclass(frozen=True)
class Raw:
    """As it came. `dedupe_key`: what makes it the same thing when it comes again."""

    channel: Channel
    dedupe_key: str
    content: bytes
    received_at: datetime
    envelope: tuple[str, ...] = ()


def item_id_of(dedupe_key: str) -> UUID:
    return uuid5(ITEMS, dedupe_key)


def keep(database: Transactions, files: Files, raws: Sequence[Raw], now: datetime) -> int:
    """When it returns, all of them are safe. Returns how many were new. Raises psycopg.Error, OSError."""
    failpoint("inbound.before_store")
    for raw in raws:
        if len(raw.content) > LARGEST_IN_ROW:
            files.put_durably(_key_of(raw), raw.content)
            failpoint("inbound.after_file")
    with database.transaction() as tx:
        added = keep_in(tx, raws, now)
        failpoint("inbound.before_commit_of_store")
    failpoint("inbound.after_store")
    return added


def keep_in(tx: Tx, raws: Sequence[Raw], now: datetime) -> int:
    """In the caller's transaction; what is large must lie in the object store already."""
    items = [
        NewItem(
            item_id=item_id_of(raw.dedupe_key),
            channel=raw.channel,
            dedupe_key=raw.dedupe_key,
            received_at=raw.received_at,
            size=len(raw.content),
            raw=raw.content if len(raw.content) <= LARGEST_IN_ROW else None,
            raw_key=_key_of(raw) if len(raw.content) > LARGEST_IN_ROW else None,
            envelope=raw.envelope,
        )
        for raw in raws
    ]
    added = InboundStore(tx).add(items, now)
    for channel in {raw.channel for raw in raws}:
        STORED.labels(channel, "yes").inc(added)
        STORED.labels(channel, "no").inc(len(items) - added)
    return added


def _key_of(raw: Raw) -> str:
    return f"helpdesk/inbound/{item_id_of(raw.dedupe_key)}/raw"
