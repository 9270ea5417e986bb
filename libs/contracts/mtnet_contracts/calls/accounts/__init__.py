"""The calls that accounts answers, by topic."""

from mtnet_contracts.calls.accounts import (
    applications,
    audit,
    documents,
    history,
    lifecycle,
    login,
    passwords,
    privacy_rights,
    profile,
    reactivation,
    second_factors,
    sessions,
    tracking,
    verification,
)

__all__ = [
    "applications",
    "audit",
    "documents",
    "history",
    "lifecycle",
    "login",
    "passwords",
    "privacy_rights",
    "profile",
    "reactivation",
    "second_factors",
    "sessions",
    "tracking",
    "verification",
]
