"""What the endpoints of sessions answer with."""

from __future__ import annotations

from accounts.sessions.actions import OpenSession


def session_view(opened: OpenSession) -> dict[str, object]:
    """The call's SessionView."""
    account = opened.account
    return {
        "session_token": opened.session_token,
        "device_token": opened.device_token,
        "actor": opened.actor,
        "expires_at": opened.expires_at,
        "latest_at": opened.latest_at,
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
        },
    }
