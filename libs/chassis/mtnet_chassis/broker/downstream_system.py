"""A downstream system as the broker is to have it: its events, its users and what these may do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from mtnet_chassis.broker import nameko_queues
from mtnet_chassis.broker.downstream_found import OF_DOWNSTREAM
from mtnet_chassis.broker.streams import stream_patterns
from mtnet_chassis.broker.topology import Permission

BACK = ".back"


@dataclass(frozen=True)
class Credential:
    """One user of a system; `password_hash` as `hashed` makes it."""

    user: str
    password_hash: str


@dataclass(frozen=True)
class DownstreamSystem:
    """`events` are names by source: ("accounts", "AccountActivated"). `nameko_method`: that of a Nameko service of the
    system's name which may declare its own queues; None: it may not."""

    name: str
    events: frozenset[tuple[str, str]]
    credentials: tuple[Credential, ...]
    nameko_method: str | None = None

    @property
    def queue(self) -> str:
        return f"{OF_DOWNSTREAM}{self.name}"

    @property
    def back(self) -> str:
        """The exchange through which the system puts a dead letter back."""
        return f"{self.queue}{BACK}"

    @property
    def nameko_queues(self) -> list[str]:
        if self.nameko_method is None:
            return []
        return nameko_queues.queues_for(self.name, self.nameko_method, self.events)


def hashed(password: str) -> str:
    """As RabbitMQ stores a password: base64 of a salt of 4 bytes and of SHA-256 over salt and password."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def is_password_of(password_hash: str, password: str) -> bool:
    """Whether `hashed` made it of this password; takes the same time either way."""
    stored = base64.b64decode(password_hash)
    return hmac.compare_digest(stored[4:], hashlib.sha256(stored[:4] + password.encode()).digest())


def permission_of(system: DownstreamSystem, user: str) -> Permission:
    own = re.escape(system.queue)
    read = "|".join([rf"{own}(\.dead)?", *stream_patterns(system.events)])
    named = Permission(user=user, configure="^$", write=f"^{own}{re.escape(BACK)}$", read=f"^({read})$")
    if not system.nameko_queues:
        return named
    queues = nameko_queues.pattern_of(system.nameko_queues)
    exchanges = nameko_queues.pattern_of({f"{source}.events" for source, _ in system.events})
    return Permission(
        user=user,
        configure=f"^({queues})$",
        write=f"{named.write}|^({queues})$",
        read=f"{named.read}|^({queues}|{exchanges})$",
    )
