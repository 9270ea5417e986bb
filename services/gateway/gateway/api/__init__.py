"""The JSON API: the same journey for programs, described by the same shapes."""

from gateway.api.building import (
    described,
    failed_reply,
    http_reply,
    refusal_reply,
    register,
    specification,
    unavailable_reply,
)
from gateway.http.statuses import STATUS_OF_REFUSAL, retry_after

__all__ = [
    "STATUS_OF_REFUSAL",
    "described",
    "failed_reply",
    "http_reply",
    "refusal_reply",
    "register",
    "retry_after",
    "specification",
    "unavailable_reply",
]
