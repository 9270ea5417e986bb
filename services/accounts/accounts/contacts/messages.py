"""What contacts announce: their own words as contract events."""

from __future__ import annotations

from datetime import datetime

from mtnet_contracts.events import ContactVerified

from accounts.applications.rules import CONTACTS, Application


def contact_verified(application: Application, contact: str, now: datetime) -> ContactVerified:
    return ContactVerified(
        application_id=application.application_id,
        contact=contact,
        channel=CONTACTS[contact][1],
        verified_at=now,
    )
