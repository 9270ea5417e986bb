"""SQL of bounces: one for each delivery, so that a report that comes twice counts once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx

from notify.bounces.rules import Bounce, Weight

# 'boun' in ASCII.
LOCK_SPACE = 0x626F756E


class BounceStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, bounces: Sequence[Bounce], addresses: Mapping[UUID, str], now: datetime) -> set[UUID]:
        """Deliveries that bounced for the first time, or for good after a bounce that left hope."""
        rows = self._tx.execute(
            "INSERT INTO bounce AS known (delivery_id, address, weight, code, at)"
            " SELECT delivery_id, address, weight, code, %(now)s FROM unnest(%(ids)s::uuid[], %(addresses)s::text[],"
            " %(weights)s::text[], %(codes)s::text[]) AS new (delivery_id, address, weight, code)"
            " ON CONFLICT (delivery_id) DO UPDATE SET weight = EXCLUDED.weight, code = EXCLUDED.code"
            " WHERE known.weight <> %(hard)s AND EXCLUDED.weight = %(hard)s RETURNING delivery_id",
            {
                "now": now,
                "ids": [each.delivery_id for each in bounces],
                "addresses": [addresses[each.delivery_id] for each in bounces],
                "weights": [each.weight for each in bounces],
                "codes": [each.code for each in bounces],
                "hard": Weight.HARD,
            },
        ).fetchall()
        return {row[0] for row in rows}

    def soft_bounces(self, addresses: Sequence[str], since: datetime) -> dict[str, list[datetime]]:
        """When mails to these addresses came back softly since then."""
        rows = self._tx.execute(
            "SELECT address, array_agg(at) FROM bounce WHERE address = ANY(%s) AND weight = %s AND at >= %s"
            " GROUP BY address",
            (list(addresses), Weight.SOFT, since),
        ).fetchall()
        return {row[0]: list(row[1]) for row in rows}
