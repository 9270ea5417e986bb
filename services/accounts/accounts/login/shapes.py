"""What requests say of their caller, and what a login answers with."""

from __future__ import annotations

from typing import Any

from accounts.login.actions import Caller, SecondStep
from accounts.second_factors.proofs import Proof
from accounts.sessions.actions import OpenSession
from accounts.sessions.shapes import session_view

OF_CALLER = ("ip", "user_agent", "device_token", "former_session_token")


def caller_in(request: dict[str, Any]) -> Caller:
    """Takes what is about the caller out of the request."""
    return Caller(**{name: request.pop(name, None) for name in OF_CALLER})


def proof_in(request: dict[str, Any]) -> Proof:
    """Takes the second factor out of the request; what is about the caller stays."""
    return Proof(
        code=request.pop("code"),
        passkey=request.pop("passkey"),
        ip=request["ip"],
        device_token=request["device_token"],
    )


def second_step_view(step: SecondStep) -> dict[str, object]:
    """The call's SecondStepView."""
    return {
        "account_name": step.account_name,
        "methods": list(step.methods),
        "expires_at": step.expires_at,
        "secret": step.secret.secret if step.secret else None,
        "uri": step.secret.uri if step.secret else None,
        "passkey_question": step.passkey_question,
    }


def entered_view(opened: OpenSession, recovery_codes: list[str]) -> dict[str, object]:
    """The call's SecondStepReply."""
    return {**session_view(opened), "recovery_codes": recovery_codes}
