"""What a call between the gateway and a service is: its name, shapes, refusals and who may make it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from marshmallow import EXCLUDE, Schema, fields, validate

from mtnet_contracts.calls.dumping import dumper

__all__ = ["CALLS", "FROM_GATEWAY", "PING", "Call", "Empty", "Shape", "code", "flat"]

NOT_SIGNED_IN = "NOT_SIGNED_IN"
NOT_ALLOWED = "NOT_ALLOWED"
INVALID = "INVALID"
IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"

# What makes a field one that the gateway adds to what the caller sent (field metadata).
FROM_GATEWAY = {"from_gateway": True}

# What a second call of the same caller gets; see Call.repeat.
Repeat = Literal["key", "renew", "anew", "harmless"]

# Every endpoint may refuse with these; a call lists only its own besides.
COMMON_REFUSALS = (INVALID, NOT_SIGNED_IN, NOT_ALLOWED, IDEMPOTENCY_KEY_REUSED)

CALLS: dict[str, Call] = {}

# Every service answers this one by itself, with nothing, once it has reached its database: whether it is there.
PING = "ping"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One endpoint of a service.

    `request` and `reply` are marshmallow shapes. `refusals` are the codes the endpoint may answer with,
    besides COMMON_REFUSALS. `actor` is "none" (a stranger may call, a token inside the request proves
    what must be proved), "optional" or "required"; `roles` (any of them) narrows "required".
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
    actor: str = "none"
    roles: frozenset[str] = frozenset()
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


@cache
def _made(shape: type[Schema]) -> Schema:
    """Made once: marshmallow copies and binds all fields each time, which takes longer than reading a request."""
    return shape()


@cache
def _dumper_of(shape: type[Schema]) -> Callable[[Any], Any]:
    return dumper(_made(shape))


class Shape(Schema):
    """A marshmallow schema whose error messages are codes, so that words stay with the gateway."""

    class Meta:
        unknown = EXCLUDE

    error_messages = {"type": "NOT_AN_OBJECT", "unknown": "UNKNOWN_FIELD"}  # noqa: RUF012 - marshmallow's own form

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        for key, message in field_obj.error_messages.items():
            if not (isinstance(message, str) and message.isupper()):
                field_obj.error_messages[key] = "REQUIRED" if key in ("required", "null") else "NOT_VALID"
        if isinstance(field_obj, fields.List):
            self.on_bind_field(field_name, field_obj.inner)


class Empty(Shape):
    """Nothing to say beyond «done»."""


def code(message: str, validator: validate.Validator) -> validate.Validator:
    """Make a marshmallow validator answer with a code."""
    validator.error = message
    return validator


def flat(messages: Mapping[str, Any], prefix: str = "") -> dict[str, list[str]]:
    """Marshmallow's nested messages as codes by dotted path: {"reasons.0.code": ["NOT_A_CHOICE"]}."""
    found: dict[str, list[str]] = {}
    for name, message in messages.items():
        path = f"{prefix}{name}"
        if isinstance(message, Mapping):
            found.update(flat(message, f"{path}."))
        else:
            found[path] = [str(code) for code in message]
    return found
