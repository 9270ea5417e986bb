"""The JSON API: the same journey for programs, described by the same shapes."""

from gateway.api.building import http_reply, refusal_reply, register, specification
from gateway.api.statuses import STATUS_OF_REFUSAL

__all__ = ["STATUS_OF_REFUSAL", "http_reply", "refusal_reply", "register", "specification"]
