"""The calls that accounts answers, by topic."""

from mtnet_contracts.calls.accounts import (
    applications,
    audit,
    devices,
    documents,
    history,
    lifecycle,
    login,
    passwords,
    privacy_rights,
    profile,
    reactivation,
    second_factors,
    segments,
    sessions,
    tracking,
    verification,
)

__all__ = [
    "applications",
    "audit",
    "devices",
    "documents",
    "history",
    "lifecycle",
    "login",
    "passwords",
    "privacy_rights",
    "profile",
    "reactivation",
    "second_factors",
    "segments",
    "sessions",
    "tracking",
    "verification",
]
