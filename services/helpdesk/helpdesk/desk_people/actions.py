"""Who works at the desk: known from the first call with a role of the desk on, until accounts says otherwise."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from mtnet_chassis.data.database import Tx

from helpdesk.desk_people.rules import GONE_AFTER, Agent
from helpdesk.desk_people.store import DeskPeopleStore

# Each call tells it; once an hour is written.
WRITTEN_APART = timedelta(hours=1)
MOST_PEOPLE = 200


def note_here(tx: Tx, agent: Agent, at: datetime) -> None:
    """Somebody has called, who had a role of the desk at that time."""
    DeskPeopleStore(tx).saw(agent.account_id, agent.name, at, WRITTEN_APART)


def has_ended(tx: Tx, account_id: UUID, since: datetime) -> bool:
    """Whether they ceased to work here then or later."""
    return DeskPeopleStore(tx).ended(account_id, since)


def note_ended(tx: Tx, account_id: UUID, at: datetime) -> bool:
    """They have no role of the desk since then, or no account to log in with. False where that is no news."""
    return DeskPeopleStore(tx).end(account_id, at)


def name_of(tx: Tx, account_id: UUID, now: datetime) -> str | None:
    """What somebody of the desk is called; None for whoever is not of the desk."""
    return DeskPeopleStore(tx).named(account_id, now - GONE_AFTER)


def people(tx: Tx, now: datetime) -> list[tuple[UUID, str]]:
    """Account and name of everybody, by name."""
    return DeskPeopleStore(tx).people(now - GONE_AFTER, MOST_PEOPLE)
