"""The JSON API: the same journey for programs, described by the same shapes."""

from gateway.api.building import (
    failed_reply,
    http_reply,
    refusal_reply,
    register,
    specification,
    unavailable_reply,
)
from gateway.api.statuses import STATUS_OF_REFUSAL

__all__ = [
    "STATUS_OF_REFUSAL",
    "failed_reply",
    "http_reply",
    "refusal_reply",
    "register",
    "specification",
    "unavailable_reply",
]
