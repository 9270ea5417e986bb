"""Until when what is read of a database is complete, for readers that come back for what is newer."""

from __future__ import annotations

from datetime import datetime

from mtnet_chassis.data.database import Tx


def complete_until(tx: Tx) -> datetime:
    """A moment before which no change is still to be committed: what is read after this has all of them.

    A change carries the time at which it was made, so one whose transaction goes on is newer than its beginning.
    """
    row = tx.execute(
        "SELECT least(clock_timestamp(), min(xact_start)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND backend_xid IS NOT NULL"
    ).fetchone()
    if row is None:
        raise LookupError("an aggregate has a row")
    found: datetime = row[0]
    return found
