"""What the endpoints of privacy rights answer with."""

from __future__ import annotations

from datetime import date
from typing import Any

from accounts.privacy_rights.actions import Case, Followed
from accounts.privacy_rights.rules import CARRIED_OUT, PrivacyRequest, State


def own_view(followed: Followed) -> dict[str, Any]:
    return vars(followed.request) | {"steps": [vars(step) for step in followed.steps]}


def desk_item(request: PrivacyRequest, account_name: str, today: date) -> dict[str, Any]:
    return vars(request) | {"account_name": account_name, "days_left": request.days_left(today)}


def case_view(case: Case, today: date) -> dict[str, Any]:
    request, account = case.request, case.account
    is_open = request.state is State.OPEN
    own = request.account_id == case.operator
    return desk_item(request, account.account_name, today) | {
        "name": account.name,
        "identity_type": account.identity_type,
        "account_state": account.state.value,
        "email": account.email,
        "may_extend": is_open and not request.extended and not own,
        "extended_until": request.extended_until,
        "may_carry_out": is_open and request.kind in CARRIED_OUT and not own,
        "own": own,
        "steps": [vars(step) for step in case.steps],
    }
