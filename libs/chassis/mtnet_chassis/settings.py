"""Read the environment. A variable that is missing or malformed gives an error that names it."""

from __future__ import annotations

import base64
import os


class SettingMissing(RuntimeError):
    """A required variable is not set, or its value cannot be read."""


def env(name: str, default: str | None = None) -> str:
    """The variable's text. Raises SettingMissing when it is empty and has no default."""
    value = os.environ.get(name, "")
    if value:
        return value
    if default is None:
        raise SettingMissing(f"Set the environment variable {name}.")
    return default


def env_int(name: str, default: int | None = None) -> int:
    """The variable as a whole number. Raises SettingMissing."""
    text = env(name, None if default is None else str(default))
    try:
        return int(text)
    except ValueError:
        raise SettingMissing(f"The environment variable {name} must be a whole number.") from None


def secret(name: str, length_bytes: int | None = None) -> bytes:
    """The variable's bytes, base64. The value never appears in the error. Raises SettingMissing."""
    try:
        value = base64.b64decode(env(name), validate=True)
    except ValueError:
        raise SettingMissing(f"The environment variable {name} must be base64.") from None
    if length_bytes is not None and len(value) != length_bytes:
        raise SettingMissing(f"The environment variable {name} must hold {length_bytes} bytes in base64.")
    return value
