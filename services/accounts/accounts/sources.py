"""Where a request came from: the address as it may be stored, and the network that one visitor has."""

from __future__ import annotations

import ipaddress

UNKNOWN = "unknown"
IPV6_PREFIX = 64


def known_address(text: str | None) -> str | None:
    """An address that the database takes as `inet`, or None: a proxy may send anything, and nothing fails of it."""
    try:
        address = ipaddress.ip_address((text or "").strip().partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(address)


def source_of(text: str | None) -> str:
    """What limits are counted by: an IPv4 address, the /64 of an IPv6 address, or "unknown" for all others."""
    address = known_address(text)
    if address is None:
        return UNKNOWN
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address}/{IPV6_PREFIX}", strict=False))
