"""Somebody of the desk."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

LONGEST_NAME = 100
# Whoever has not called for so long works here no more: their account is frozen by then, or their role was taken away.
GONE_AFTER = timedelta(days=90)


@dataclass(frozen=True)
class Agent:
    """`lead`: may take over what a colleague is answering, and writes the texts of the desk."""

    account_id: UUID
    name: str
    lead: bool = False

    @property
    def as_caller(self) -> str:
        """As calls name whoever makes them (mtnet_chassis.rpc.endpoint.caller_of)."""
        return f"account:{self.account_id}"
