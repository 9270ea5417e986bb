"""What every shape has: codes in place of sentences, and unknown fields passed over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

# What makes a field one that the gateway adds to what the caller sent (field metadata).
FROM_GATEWAY = {"from_gateway": True}


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
