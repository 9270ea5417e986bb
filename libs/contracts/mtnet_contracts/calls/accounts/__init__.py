"""The calls that accounts answers, by topic."""

from mtnet_contracts.calls.accounts import (
    applications,
    documents,
    lifecycle,
    login,
    passwords,
    reactivation,
    sessions,
    tracking,
    verification,
)

__all__ = [
    "applications",
    "documents",
    "lifecycle",
    "login",
    "passwords",
    "reactivation",
    "sessions",
    "tracking",
    "verification",
]
