"""Passwords and keys of one portal, made once and kept in a file only its owner can read."""

import base64
import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from launcher.processes import SERVICES


def base64_text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def random_key() -> str:
    """32 random bytes in base64."""
    return base64_text(secrets.token_bytes(32))


def actor_keys() -> dict[str, str]:
    """The pair that signs and verifies who calls."""
    key = Ed25519PrivateKey.generate()
    return {
        "actor_private_key": base64_text(key.private_bytes_raw()),
        "actor_public_key": base64_text(key.public_key().public_bytes_raw()),
    }


def sealing_keys() -> dict[str, str]:
    """The pair that keeps codes unreadable on the broker: everybody seals, notify opens."""
    key = X25519PrivateKey.generate()
    return {
        "sealing_private_key": base64_text(key.private_bytes_raw()),
        "sealing_public_key": base64_text(key.public_key().public_bytes_raw()),
    }


def password() -> str:
    return secrets.token_urlsafe(24)


def recipes() -> dict[str, Callable[[], str]]:
    """How each single secret is made."""
    made: dict[str, Callable[[], str]] = {
        "id_number_keys": lambda: f"k1:{random_key()}",
        "blind_index_key": random_key,
        "gateway_secret_key": password,
        "sms_token": password,
        "gateway_broker_password": password,
    }
    for service in SERVICES:
        for kind in ("database", "database_owner", "broker"):
            made[f"{service}_{kind}_password"] = password
    return made


def secrets_in(file: Path) -> Mapping[str, str]:
    """Reads the secrets, making those that the file does not hold yet."""
    found: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    complete = dict(found)
    for pair in (actor_keys, sealing_keys):
        made = pair()
        if not made.keys() <= complete.keys():
            complete.update(made)
    for name, make in recipes().items():
        if name not in complete:
            complete[name] = make()
    if complete != found:
        write_private(file, json.dumps(complete, indent=2) + "\n")
    return complete


def write_private(file: Path, text: str) -> None:
    """Writes a file with mode 0600, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        output.write(text)
    draft.replace(file)
