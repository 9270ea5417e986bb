"""What DNS says of a webhook's host: when it is registered (accounts), and at each connection to it (notify)."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable

from mtnet_contracts.vocabulary.webhook_addresses import AddressRefused, WebhookAddress, may_be_sent_to

from mtnet_chassis.settings import env

# On a developer's machine and in tests: http, and addresses of the machine itself.
LOCAL = "WEBHOOKS_LOCAL"

Resolve = Callable[[str, int], Iterable[str]]


def local_allowed() -> bool:
    return env(LOCAL, "no") == "yes"


def resolved(host: str, port: int) -> list[str]:
    """The IP addresses of a host, once each. Raises OSError, or UnicodeError for what can be no name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def judged_by_dns(address: WebhookAddress, resolve: Resolve = resolved, *, local: bool) -> list[str]:
    """The IP addresses that it leads to now, all of them public. Ask before a transaction begins.

    Raises AddressRefused for a name that leads into a private network, and what `resolve` raises.
    """
    found = list(resolve(address.host, address.port))
    # One private address among public ones is enough: nobody needs such a name.
    if not found or not all(may_be_sent_to(each, local=local) for each in found):
        raise AddressRefused(
            f"{address.host} leads to an address that is not on the public internet.", "WEBHOOK_NOT_PUBLIC"
        )
    return found
