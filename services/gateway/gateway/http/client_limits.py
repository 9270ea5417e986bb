"""How much a downstream system may ask, counted by all gateways together, and how it is told.

The headers are those of draft-ietf-httpapi-ratelimit-headers, from its revision 8 on: `RateLimit-Policy` says what is
allowed, `RateLimit` what is left of it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.strategies import RateLimiter


@dataclass(frozen=True)
class Policy:
    """So many a minute."""

    name: str
    limit: RateLimitItem


# Requests of one client to the API.
REQUESTS = Policy("requests", RateLimitItemPerMinute(600, namespace="client-requests"))
# Access tokens of one client: one lives ten minutes, and serves all its processes.
TOKENS = Policy("tokens", RateLimitItemPerMinute(60, namespace="client-tokens"))
# Wrong secrets for one client from one source. The right one is taken all the same: nobody locks a system out.
GUESSES = Policy("guesses", RateLimitItemPerMinute(10, namespace="client-guesses"))


@dataclass(frozen=True)
class Counted:
    """How a count stands. `resets_in` is in whole seconds, at least one."""

    policy: Policy
    left: int
    resets_in: int
    admitted: bool

    def headers(self) -> dict[str, str]:
        limit, name = self.policy.limit, self.policy.name
        found = {
            "RateLimit-Policy": f'"{name}";q={limit.amount};w={limit.get_expiry()}',
            "RateLimit": f'"{name}";r={self.left};t={self.resets_in}',
        }
        return found if self.admitted else found | {"Retry-After": str(self.resets_in)}


class ClientLimits:
    def __init__(self, limiter: RateLimiter | None) -> None:
        """Without a limiter everything is admitted."""
        self._limiter = limiter

    def count(self, policy: Policy, *who: str) -> Counted:
        """One more of it."""
        if self._limiter is None:
            return Counted(policy, policy.limit.amount, policy.limit.get_expiry(), True)
        admitted = self._limiter.hit(policy.limit, *who)
        window = self._limiter.get_window_stats(policy.limit, *who)
        resets_in = max(1, round(window.reset_time - time.time()))
        return Counted(policy, max(0, window.remaining), resets_in, admitted)
