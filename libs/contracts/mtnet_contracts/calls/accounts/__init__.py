"""The calls that accounts answers, by topic."""

from mtnet_contracts.calls.accounts import (
    applications,
    documents,
    history,
    lifecycle,
    login,
    passwords,
    profile,
    reactivation,
    sessions,
    tracking,
    verification,
)

__all__ = [
    "applications",
    "documents",
    "history",
    "lifecycle",
    "login",
    "passwords",
    "profile",
    "reactivation",
    "sessions",
    "tracking",
    "verification",
]
