"""What the endpoints of sessions answer with."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from accounts.registry.rules import PasswordAge
from accounts.sessions.actions import OpenSession
from accounts.sessions.rules import Limits, OwnSession, expires_at
from accounts.settings import settings


def own_sessions_view(
    found: list[OwnSession], total: int, limits: Limits, current: UUID
) -> dict[str, object]:
    """The call's OwnSessions."""
    return {
        "total": total,
        "sessions": [
            {
                "session_id": one.session_id,
                "browser": one.device.browser,
                "system": one.device.system,
                "ip": one.ip,
                "started_at": one.started_at,
                "used_at": one.used_at,
                "expires_at": expires_at(started_at=one.started_at, used_at=one.used_at, limits=limits),
                "is_current": one.session_id == current,
            }
            for one in found
        ],
    }


def session_view(opened: OpenSession) -> dict[str, object]:
    """The call's SessionView."""
    account = opened.account
    age = PasswordAge(settings().password_shortest, settings().password_longest)
    password_expires_at = age.expires_soon(
        identity_type=account.identity_type, set_at=account.password_set_at, now=datetime.now(UTC)
    )
    return {
        "session_token": opened.session_token,
        "device_token": opened.device_token,
        "actor": opened.actor,
        "expires_at": opened.expires_at,
        "latest_at": opened.latest_at,
        "needs_consent": opened.needs_consent,
        "account": {
            "account_id": account.account_id,
            "account_name": account.account_name,
            "name": account.name,
            "identity_type": account.identity_type,
            "roles": sorted(account.roles),
            "unit": account.unit,
            "organisation_name": account.organisation_name,
            "systems": list(account.systems),
            "previous_login_at": opened.previous_login_at,
            "password_expires_at": password_expires_at,
        },
    }
