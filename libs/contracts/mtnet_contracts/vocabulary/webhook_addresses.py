"""Where a webhook may go: https, a name on the public internet, nothing of the portal's own networks.

The same rules hold when an address is registered (accounts) and each time something is sent there (notify).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

LONGEST_ADDRESS = 500
LONGEST_HOST = 253
HTTPS_PORT, HTTP_PORT = 443, 80
# Below it, ports belong to services of a system; a webhook has no business there but on 443.
LOWEST_OTHER_PORT = 1024
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# Names that mean something inside a network alone (RFC 6761, RFC 6762, RFC 8375, and what networks use).
INSIDE = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "home.arpa")

GLOBAL_UNICAST = IPv6Network("2000::/3")
# The rest of the address is an IPv4 address that a gateway goes on to (RFC 6052).
NAT64 = IPv6Network("64:ff9b::/96")
# Within global unicast: 6to4 and Teredo carry an IPv4 address, the others are for documentation.
NEVER = tuple(
    ip_network(each)
    for each in ("2002::/16", "2001::/32", "2001:db8::/32", "3fff::/20", "192.88.99.0/24", "192.0.0.0/24")
)


class AddressRefused(ValueError):
    """A webhook cannot go there; the text says why, and what to give instead. `code` says the same to a page."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class WebhookAddress:
    """An address that may be tried: where to connect, and what to ask for. `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def host_header(self) -> str:
        """As HTTP wants it: with the port where it is not the usual one of the scheme."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (
            host
            if self.port == (HTTPS_PORT if self.scheme == "https" else HTTP_PORT)
            else f"{host}:{self.port}"
        )


def webhook_address(text: str, *, local: bool = False) -> WebhookAddress:
    """Read and judge an address by its text alone. Raises AddressRefused.

    `local`: on a developer's machine http, numbers and names of the machine itself may be given, too.
    """
    if not 1 <= len(text) <= LONGEST_ADDRESS:
        raise AddressRefused(
            f"The address must have 1 to {LONGEST_ADDRESS} characters.", "WEBHOOK_ADDRESS_UNREADABLE"
        )
    if not re.fullmatch(r"[!-~]+", text) or "\\" in text:
        raise AddressRefused(
            "The address may hold ASCII letters, digits and signs only, no blanks: give a name in its xn-- form.",
            "WEBHOOK_ADDRESS_UNREADABLE",
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise AddressRefused(
            "The address cannot be read: give one like https://ships.example/events.",
            "WEBHOOK_ADDRESS_UNREADABLE",
        ) from None
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise AddressRefused("The address must begin with https://.", "WEBHOOK_NOT_HTTPS")
    if "@" in parts.netloc:
        raise AddressRefused(
            "The address may hold no user name or password: the signature says who sends.",
            "WEBHOOK_WITH_USER",
        )
    if "#" in text:
        raise AddressRefused("The address may hold no fragment (#).", "WEBHOOK_ADDRESS_UNREADABLE")
    host = parts.hostname or ""
    _judge_host(host, local=local)
    usual = HTTPS_PORT if parts.scheme == "https" else HTTP_PORT
    port = usual if port is None else port
    if not local and port != usual and not LOWEST_OTHER_PORT <= port <= 65535:
        raise AddressRefused(f"The port must be 443, or {LOWEST_OTHER_PORT} to 65535.", "WEBHOOK_PORT")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return WebhookAddress(parts.scheme, host, port, target)


def may_be_sent_to(address: str, *, local: bool = False) -> bool:
    """Whether an IP address belongs to the public internet, through whatever form of IPv6 it is written in.

    `local`: or to this machine itself.
    """
    found = _number(address)
    return found is not None and (_is_public(found) or (local and found.is_loopback))


def _is_public(found: IPv4Address | IPv6Address) -> bool:
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return _is_public(found.ipv4_mapped)
        if found in NAT64:
            return _is_public(IPv4Address(int(found) & 0xFFFFFFFF))
        if found not in GLOBAL_UNICAST:
            return False
    return (
        found.is_global
        and not found.is_multicast
        and not any(found in net for net in NEVER if net.version == found.version)
    )


def _judge_host(host: str, *, local: bool) -> None:
    """Raises AddressRefused."""
    if (number := _number(host)) is not None:
        if local and number.is_loopback:
            return
        if not _is_public(number):
            raise AddressRefused(
                f"{host} is not on the public internet: give a name that is, with https.",
                "WEBHOOK_NOT_PUBLIC",
            )
        raise AddressRefused(
            "Give a name in place of the number: a certificate is made out to a name.", "WEBHOOK_NUMBER"
        )
    if local and (host == "localhost" or host.endswith(".localhost")):
        return
    if not host or len(host) > LONGEST_HOST:
        raise AddressRefused(
            f"The address names no host, or one of more than {LONGEST_HOST} characters.", "WEBHOOK_HOST"
        )
    if host.endswith("."):
        raise AddressRefused("The name of the host must not end with a dot.", "WEBHOOK_HOST")
    labels = host.split(".")
    if not all(LABEL.fullmatch(label) for label in labels):
        raise AddressRefused(f"{host} is no name of a host.", "WEBHOOK_HOST")
    # What ends in a number is read as an IPv4 address by many programs: 127.1, 0x7f.1, 2130706433.
    if labels[-1].isdecimal() or re.fullmatch(r"0x[0-9a-f]*", labels[-1]):
        raise AddressRefused(f"{host} is no name of a host: it would be read as a number.", "WEBHOOK_NUMBER")
    if len(labels) < 2 or any(host == name or host.endswith(f".{name}") for name in INSIDE):
        raise AddressRefused(
            f"{host} is a name inside a network: give one that is known on the public internet.",
            "WEBHOOK_NOT_PUBLIC",
        )


def _number(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None
