"""SQL of webhooks and their signing secrets."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row

from accounts.webhooks.rules import SealedSecret, Webhook


class WebhookStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def webhook_of(self, subscriber_id: UUID, *, lock: bool = False) -> Webhook | None:
        """`lock`: nobody else changes it until the transaction ends."""
        row = self._tx.execute(
            "SELECT url, set_at FROM subscriber_webhook WHERE subscriber_id = %s"
            + (" FOR UPDATE" if lock else ""),
            (subscriber_id,),
        ).fetchone()
        if row is None:
            return None
        with self._tx.cursor(row_factory=class_row(SealedSecret)) as cursor:
            secrets = cursor.execute(
                "SELECT number, sealed, issued_at, ends_at FROM webhook_secret"
                " WHERE subscriber_id = %s ORDER BY number",
                (subscriber_id,),
            ).fetchall()
        return Webhook(subscriber_id, row[0], tuple(secrets), row[1])

    def addresses(self) -> dict[UUID, str]:
        """Of every webhook, by its system."""
        return dict(self._tx.execute("SELECT subscriber_id, url FROM subscriber_webhook").fetchall())

    def save(self, webhook: Webhook, now: datetime) -> None:
        """Address and secrets; those that ended long ago are kept, since their numbers are not used again."""
        self._tx.execute(
            "INSERT INTO subscriber_webhook (subscriber_id, url, set_at) VALUES (%s, %s, %s)"
            " ON CONFLICT (subscriber_id) DO UPDATE SET url = EXCLUDED.url, set_at = EXCLUDED.set_at",
            (webhook.subscriber_id, webhook.url, now),
        )
        with self._tx.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO webhook_secret (subscriber_id, number, sealed, issued_at, ends_at)"
                " VALUES (%s, %s, %s, %s, %s)"
                " ON CONFLICT (subscriber_id, number) DO UPDATE SET ends_at = EXCLUDED.ends_at",
                [
                    (webhook.subscriber_id, each.number, each.sealed, each.issued_at, each.ends_at)
                    for each in webhook.secrets
                ],
            )

    def remove(self, subscriber_id: UUID) -> None:
        """With its secrets."""
        self._tx.execute("DELETE FROM subscriber_webhook WHERE subscriber_id = %s", (subscriber_id,))
