"""Passwords and keys of one portal, made once and kept in a file only its owner can read."""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from launcher.processes import SERVICES
from launcher.workspace import write_private


def base64_text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def random_key() -> str:
    """32 random bytes in base64."""
    return base64_text(secrets.token_bytes(32))


def password() -> str:
    """Of characters that need no quoting in a URL."""
    return secrets.token_urlsafe(24)


# Pairs: actor keys sign and verify who calls; sealing keys keep codes unreadable on the broker (everybody seals, notify
# opens).
PAIRS: dict[str, type[Ed25519PrivateKey] | type[X25519PrivateKey]] = {
    "actor": Ed25519PrivateKey,
    "sealing": X25519PrivateKey,
}
# How each single secret is made.
RECIPES: dict[str, Callable[[], str]] = {
    "id_number_keys": lambda: f"k1:{random_key()}",
    "blind_index_key": random_key,
    "gateway_secret_key": password,
    "sms_token": password,
    "notify_signing_key": random_key,
    "line_secret": password,
    "demo_subscriber_secret": password,
    "gateway_broker_password": password,
    **{
        f"{service}_{kind}_password": password
        for service in SERVICES
        for kind in ("database", "database_owner", "broker")
    },
}


def secrets_in(file: Path, *more: str) -> Mapping[str, str]:
    """Reads the secrets, making those that the file does not hold yet; `more`: further passwords by name."""
    found: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    complete = dict(found)
    for name, kind in PAIRS.items():
        if f"{name}_private_key" not in complete:
            key = kind.generate()
            complete[f"{name}_private_key"] = base64_text(key.private_bytes_raw())
            complete[f"{name}_public_key"] = base64_text(key.public_key().public_bytes_raw())
    for name, make in {**RECIPES, **dict.fromkeys(more, password)}.items():
        if name not in complete:
            complete[name] = make()
    if complete != found:
        write_private(file, json.dumps(complete, indent=2) + "\n")
    return complete
