"""What stands beside a ticket: shown where the owners of the data answer soon, and simply absent else."""

from __future__ import annotations

from typing import Any

from mtnet_contracts.calls import Call
from mtnet_contracts.calls.accounts import account_card
from mtnet_contracts.calls.helpdesk import faults, reactivations, requesters

from gateway.calls import call
from gateway.rpc.client import Refused, ServiceUnavailable
from gateway.rpc.time_budget import at_most

# What tells the person something.
ANSWERS = ("answer", "call")
# A ticket is answered without it, too: nobody waits longer for it.
PATIENCE_SECONDS = 1.0


def person_of(ticket: dict[str, Any]) -> dict[str, Any] | None:
    """The requester with earlier tickets, and `account` where they have one: how it stands, and its cases.

    Each part is asked of its owner with the agent's rights, and is None while that one is away or says no.
    """
    found = _asked(requesters.REQUESTER, requester_id=ticket["requester_id"])
    if found is not None and found["account_id"] is not None:
        found["account"] = _asked(account_card.ACCOUNT_CARD, account_id=found["account_id"])
    return found


def fault_of(ticket: dict[str, Any]) -> dict[str, Any] | None:
    """The fault that it reports."""
    found = _asked(faults.FAULT_OF_TICKET, ticket_id=ticket["ticket_id"])
    return found and found["fault"]


def reactivations_of(ticket: dict[str, Any]) -> list[dict[str, Any]]:
    """Cases whose evidence lies in it. `unanswered`: decided since the desk last answered."""
    found = _asked(reactivations.REACTIVATIONS_OF_TICKET, ticket_id=ticket["ticket_id"])
    answered_at = max((each["at"] for each in ticket["entries"] if each["kind"] in ANSWERS), default="")
    return [
        {**case, "unanswered": bool(case["decided_at"]) and case["decided_at"] > answered_at}
        for case in (found["items"] if found else ())
    ]


def _asked(what: Call, **request: Any) -> dict[str, Any] | None:
    try:
        with at_most(PATIENCE_SECONDS):
            return call(what, **request)
    except (Refused, ServiceUnavailable):
        return None
