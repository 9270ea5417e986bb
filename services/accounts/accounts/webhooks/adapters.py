"""What DNS says of a webhook's host when it is registered. It is asked again at every connection (notify)."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable

from mtnet_chassis.settings import env
from mtnet_contracts.vocabulary.webhook_addresses import AddressRefused, WebhookAddress, may_be_sent_to

# On a developer's machine and in tests: http, and addresses of the machine itself.
LOCAL = "WEBHOOKS_LOCAL"
Resolve = Callable[[str, int], Iterable[str]]


def local_allowed() -> bool:
    return env(LOCAL, "no") == "yes"


def resolved(host: str, port: int) -> list[str]:
    """Its IP addresses. Raises OSError."""
    return [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def judge_by_dns(address: WebhookAddress, resolve: Resolve = resolved, *, local: bool) -> None:
    """Raises AddressRefused for a name that is unknown, or that leads into a private network."""
    try:
        found = list(resolve(address.host, address.port))
    except (OSError, UnicodeError):
        raise AddressRefused(f"{address.host} is not known to DNS.", "WEBHOOK_NAME_UNKNOWN") from None
    if not found or not all(may_be_sent_to(each, local=local) for each in found):
        raise AddressRefused(
            f"{address.host} leads to an address that is not on the public internet.", "WEBHOOK_NOT_PUBLIC"
        )
