"""What tracking hears from review."""

from mtnet_contracts.events import (
    ApplicationApproved,
    ApplicationRejected,
    ApplicationReturned,
    CaseForwarded,
    CaseOpened,
)

__all__ = [
    "ApplicationApproved",
    "ApplicationRejected",
    "ApplicationReturned",
    "CaseForwarded",
    "CaseOpened",
]
