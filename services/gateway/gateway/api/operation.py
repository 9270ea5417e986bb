"""One thing the API offers: which call it makes, and how the caller proves a right to it. Each topic lists its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from mtnet_contracts.calls import Call

# `account`: anybody who is logged in; the roles after it: whoever has it.
# `helpdesk`: everybody of the desk; `helpdesk_lead`: who leads a shift, or keeps the desk's settings.
# `editor`: who edits what is published. `client`: a downstream system, by an access token with the operation's scope.
Proof = Literal[
    "none",
    "application",
    "session",
    "account",
    "reviewer",
    "operator",
    "helpdesk",
    "helpdesk_lead",
    "editor",
    "client",
]
# The service judges whoever is logged in by a signed actor, which the gateway sends along.
SIGNED: tuple[Proof, ...] = ("account", "reviewer", "operator", "helpdesk", "helpdesk_lead", "editor")
Answer = Literal["json", "nothing", "file"]


@dataclass(frozen=True)
class Operation:
    """`path` is under /api/v1 and may hold parts of the request; `fixed` are parts nobody needs to send.

    `example` is what to send, for the page about the API; `media_types` are those of a file. `changes_session`: what is
    remembered of the caller's session holds no more. `scope` is what a client's token must have; `has_etag`: a client
    that has the same answer already is told so.
    """

    name: str
    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    call: Call
    summary: str
    proof: Proof = "none"
    answer: Answer = "json"
    status: int = 200
    fixed: tuple[tuple[str, str], ...] = ()
    upload: bool = False
    example: dict[str, Any] | None = None
    media_types: tuple[str, ...] = ()
    changes_session: bool = False
    scope: str = ""
    has_etag: bool = False

    @property
    def needs_pass(self) -> bool:
        """Whether another service than accounts has to know who holds the application."""
        return self.proof == "application" and self.call.service != "accounts"

    @property
    def tag(self) -> str:
        return self.path.split("/")[1]
