"""What the endpoints of tracking answer with."""

from __future__ import annotations

from typing import Any

from accounts.tracking.actions import OpenedCase


def opened_cases(opened: list[OpenedCase], device_token: str) -> dict[str, Any]:
    """The call's OpenCaseReply."""
    return {
        "cases": [vars(one.application) | {"application_token": one.application_token} for one in opened],
        "device_token": device_token,
    }
