"""What a call between the gateway and a service is: its name, shapes, refusals, and whether it writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from marshmallow import Schema

from mtnet_contracts.calls.completing import completer
from mtnet_contracts.calls.dumping import dumper

NOT_SIGNED_IN = "NOT_SIGNED_IN"
NOT_ALLOWED = "NOT_ALLOWED"
INVALID = "INVALID"
IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
CONFIRMATION_REQUIRED = "CONFIRMATION_REQUIRED"
CONSENT_REQUIRED = "CONSENT_REQUIRED"
# What a second call of the same caller gets; see Call.repeat.
Repeat = Literal["key", "renew", "anew", "harmless"]
# Every endpoint may refuse with these; a call lists only its own besides.
COMMON_REFUSALS = (
    INVALID,
    NOT_SIGNED_IN,
    NOT_ALLOWED,
    IDEMPOTENCY_KEY_REUSED,
    CONFIRMATION_REQUIRED,
    CONSENT_REQUIRED,
)
CALLS: dict[str, Call] = {}
# Every service answers this one by itself, with nothing, once it has reached its database: whether it is there.
PING = "ping"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One endpoint of a service.

    `request` and `reply` are marshmallow shapes; how they may grow: `growth.py`. `refusals` are the codes the endpoint
    may answer with, besides COMMON_REFUSALS. Who may call is said at the endpoint, in the service that owns the data.
    `writes` calls wait 10 s and are never sent again blindly; reads wait 3 s and are tried once more.

    `repeat` says what a writing call does with an idempotency key:
    "key": the reply is kept seven days, and a second call with the same key gets it;
    "renew": what was made is kept, not the reply; a second call with the same key gets it with a new secret;
    "anew": takes no key, every call is judged, done and recorded anew (a secret, a look that is recorded);
    "harmless": takes no key, doing it twice is doing it once.
    """

    service: str
    name: str
    request: type[Schema]
    reply: type[Schema]
    refusals: tuple[str, ...] = ()
    writes: bool = False
    repeat: Repeat = "key"

    def __post_init__(self) -> None:
        CALLS[f"{self.service}.{self.name}"] = self

    @property
    def timeout_seconds(self) -> float:
        return 10.0 if self.writes else 3.0

    @property
    def takes_key(self) -> bool:
        return self.writes and self.repeat in ("key", "renew")

    def may_be_repeated(self, key: str | None) -> bool:
        """Whether sending or doing it a second time, with this key, is as good as once."""
        return not self.writes or self.repeat == "harmless" or (self.takes_key and key is not None)

    def fields_from_gateway(self) -> frozenset[str]:
        """What the gateway adds for each request: no part of what the caller asked for."""
        return frozenset(
            name for name, field in _made(self.request).fields.items() if field.metadata.get("from_gateway")
        )

    def may_refuse_with(self, refusal: str) -> bool:
        return refusal in self.refusals or refusal in COMMON_REFUSALS

    def load_request(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The request with typed values. Raises marshmallow.ValidationError with codes as messages."""
        loaded: dict[str, Any] = _made(self.request).load(request)
        return loaded

    def dump_reply(self, reply: Any) -> dict[str, Any]:
        dumped: dict[str, Any] = _dumper_of(self.reply)(reply)
        return dumped

    def complete_reply(self, answer: dict[str, Any]) -> set[str]:
        """Fill in, in place, what a service of an earlier release does not know yet. Returns the names of required
        fields that are missing."""
        return _completer_of(self.reply)(answer)


@cache
def _made(shape: type[Schema]) -> Schema:
    """Made once: marshmallow copies and binds all fields each time, which takes longer than reading a request."""
    return shape()


@cache
def _dumper_of(shape: type[Schema]) -> Callable[[Any], Any]:
    return dumper(_made(shape))


@cache
def _completer_of(shape: type[Schema]) -> Callable[[Any], set[str]]:
    return completer(_made(shape))
