"""Who calls: somebody of the desk."""

from typing import Any

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import caller_of
from mtnet_chassis.rpc.refusals import Refused
from mtnet_contracts.calls.call import NOT_SIGNED_IN
from mtnet_contracts.vocabulary.desk import DESK_LEADS

from helpdesk.desk_people.actions import has_ended, note_here
from helpdesk.desk_people.rules import LONGEST_NAME, Agent


def agent_of(actor: Actor) -> Agent:
    return Agent(actor.account_id, actor.display_name[:LONGEST_NAME], actor.has_role(*DESK_LEADS))


def desk_person(service: Any, tx: Tx, actor: Actor, request: dict[str, Any]) -> str:
    """The role is what it takes: everybody of the desk works on every ticket, and is one of its people from then on.

    What was signed before the role was taken away names it for two minutes more. Raises Refused.
    """
    if has_ended(tx, actor.account_id, actor.signed_at):
        raise Refused(NOT_SIGNED_IN)
    note_here(tx, agent_of(actor), actor.signed_at)
    return caller_of(actor)
