"""The panel about the person who wrote: shown where the owners of the data answer soon, and simply absent else."""

from __future__ import annotations

from typing import Any

from mtnet_contracts.calls.helpdesk import requesters

from gateway.calls import call
from gateway.rpc.client import Refused, ServiceUnavailable
from gateway.rpc.time_budget import at_most

# A ticket is answered without the panel, too: nobody waits longer for it.
PATIENCE_SECONDS = 1.0


def person_of(ticket: dict[str, Any]) -> dict[str, Any] | None:
    """The requester with earlier tickets. None while the owner of the data is away or says no."""
    try:
        with at_most(PATIENCE_SECONDS):
            return call(requesters.REQUESTER, requester_id=ticket["requester_id"])
    except (Refused, ServiceUnavailable):
        return None
