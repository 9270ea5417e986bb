"""Who calls: somebody of the desk."""

from datetime import UTC, datetime
from typing import Any

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import caller_of
from mtnet_contracts.vocabulary.desk import DESK_LEADS

from helpdesk.desk_people.actions import note_here
from helpdesk.desk_people.rules import LONGEST_NAME, Agent


def agent_of(actor: Actor) -> Agent:
    return Agent(actor.account_id, actor.display_name[:LONGEST_NAME], actor.has_role(*DESK_LEADS))


def desk_person(service: Any, tx: Tx, actor: Actor, request: dict[str, Any]) -> str:
    """The role is what it takes: everybody of the desk works on every ticket, and is one of its people from then on."""
    note_here(tx, agent_of(actor), datetime.now(UTC))
    return caller_of(actor)
