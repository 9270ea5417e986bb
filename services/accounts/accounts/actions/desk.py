"""What every action is handed: the stores of its transaction, the outbox, the vault, and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox

from accounts.settings import Settings
from accounts.store import (
    AccountStore,
    ApplicationStore,
    AuditStore,
    ChallengeStore,
    ConsentStore,
    FormStore,
    GrantStore,
    GuessStore,
    LifecycleStore,
    NameStore,
    SessionStore,
)
from accounts.vault import Vault, keys_from


@dataclass(frozen=True)
class Desk:
    """One transaction's worth of tools. `now` is a UTC instant and the same throughout."""

    applications: ApplicationStore
    consents: ConsentStore
    grants: GrantStore
    forms: FormStore
    challenges: ChallengeStore
    accounts: AccountStore
    names: NameStore
    sessions: SessionStore
    guesses: GuessStore
    lifecycle: LifecycleStore
    audit: AuditStore
    outbox: Outbox
    vault: Vault
    settings: Settings
    now: datetime


def desk_for(tx: Tx, settings: Settings, now: datetime | None = None) -> Desk:
    return Desk(
        applications=ApplicationStore(tx),
        consents=ConsentStore(tx),
        grants=GrantStore(tx),
        forms=FormStore(tx),
        challenges=ChallengeStore(tx),
        accounts=AccountStore(tx),
        names=NameStore(tx),
        sessions=SessionStore(tx),
        guesses=GuessStore(tx),
        lifecycle=LifecycleStore(tx),
        audit=AuditStore(tx),
        outbox=Outbox(tx),
        vault=Vault(keys_from(settings.id_number_keys), settings.blind_index_key),
        settings=settings,
        now=now or datetime.now(UTC),
    )
