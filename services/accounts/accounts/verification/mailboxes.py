"""When two mail addresses are the same mailbox; domains as DNS has them."""

from __future__ import annotations

import idna


def compared(value: str) -> str:
    """Equal for two contacts that are one telephone or one address of mail, the domain as DNS has it.

    What stands before the @ is the receiving server's own affair (RFC 5321, 2.4): it is compared as typed.
    """
    if "@" not in value:
        return value
    local, _, domain = value.rpartition("@")
    return f"{local}@{ascii_domain(domain)}"


def mailbox_of(value: str) -> str:
    """Equal for all addresses that may lead to one mailbox, for limits only: capitals and a `+tag` make no new one."""
    if "@" not in value:
        return value
    local, _, domain = value.rpartition("@")
    return f"{local.casefold().partition('+')[0]}@{ascii_domain(domain)}"


def ascii_domain(domain: str) -> str:
    """A-labels in lower case; what IDNA does not know as a name (RFC 5891, UTS 46) is only put into lower case."""
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower().rstrip(".")
    except (idna.IDNAError, UnicodeError):
        return domain.casefold().rstrip(".")
