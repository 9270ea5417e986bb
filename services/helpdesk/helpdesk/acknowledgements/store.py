"""SQL of acknowledgements: which ticket's was sent, to which mailbox, when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mtnet_chassis.data.database import Tx

from helpdesk.acknowledgements.rules import Wanted


class AcknowledgementStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def lock_mailboxes(self, mailboxes: Sequence[str]) -> None:
        """Two messages of one mailbox are counted one by one. Sorted, so that two never wait for each other."""
        self._tx.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('acknowledgement/' || name, 0))"
            " FROM unnest(%s::text[]) AS name",
            (sorted(set(mailboxes)),),
        )

    def sent_since(self, mailboxes: Sequence[str], since: datetime, most: int) -> dict[str, int]:
        """To each mailbox, counted up to `most`."""
        rows = self._tx.execute(
            "SELECT mailbox, (SELECT count(*) FROM (SELECT FROM acknowledgement a"
            " WHERE a.mailbox = named.mailbox AND a.sent_at > %s LIMIT %s) AS found)"
            " FROM unnest(%s::text[]) AS named (mailbox)",
            (since, most, sorted(set(mailboxes))),
        ).fetchall()
        return dict(rows)

    def sent_to_all_since(self, since: datetime, most: int) -> int:
        row = self._tx.execute(
            "SELECT count(*) FROM (SELECT FROM acknowledgement WHERE sent_at > %s LIMIT %s) AS found",
            (since, most),
        ).fetchone()
        return int(row[0]) if row else 0

    def add(self, wanted: Sequence[Wanted], now: datetime) -> None:
        self._tx.execute(
            "INSERT INTO acknowledgement (ticket_id, mailbox, sent_at)"
            " SELECT made.ticket_id, made.mailbox, %s FROM unnest(%s::uuid[], %s::text[]) AS made (ticket_id, mailbox)",
            (now, [each.ticket_id for each in wanted], [each.mailbox for each in wanted]),
        )
