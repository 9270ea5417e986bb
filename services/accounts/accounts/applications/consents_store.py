"""The privacy notice in its versions, and who agreed to which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx

from accounts.sources import known_address


@dataclass(frozen=True)
class Notice:
    version: str
    effective_on: date
    title: dict[str, str]
    body: dict[str, str]


class ConsentStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def notice_in_force(self, on: date) -> Notice:
        row = self._tx.execute(
            "SELECT version, effective_on, title, body FROM privacy_notice WHERE effective_on <= %s"
            " ORDER BY effective_on DESC, version DESC LIMIT 1",
            (on,),
        ).fetchone()
        if row is None:
            raise LookupError("no privacy notice is in force")
        return Notice(*row)

    def add_consent(self, application_id: UUID, version: str, at: datetime, ip: str | None) -> None:
        self._tx.execute(
            "INSERT INTO consent (application_id, notice_version, agreed_at, ip) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            (application_id, version, at, known_address(ip)),
        )
