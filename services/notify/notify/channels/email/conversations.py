"""What makes a mail part of a conversation: who it is from, where an answer goes, what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.header import Header
from email.utils import formataddr, parseaddr
from typing import Any

from mtnet_contracts.vocabulary.texts import N_, texts_of

DESK = N_("MTNet helpdesk")
# RFC 5322, 2.1.1: no line is longer; a reference that is, is left out.
LONGEST_REFERENCE = 900


@dataclass(frozen=True)
class Thread:
    """Headers of a mail of the helpdesk. `sender` is what stands in From; `by_person`: an agent wrote it."""

    sender: str
    message_id: str
    headers: bytes
    by_person: bool = True


def desk_thread(
    details: Mapping[str, Any], desk_address: str, locale: str, *, by_person: bool = True
) -> Thread:
    """Of an answer of the helpdesk, or an acknowledgement. Its replies come to an address of the ticket's own."""
    thread = details["thread"]
    local, _, domain = desk_address.rpartition("@")
    reply_to = f"{local}+{thread['link_token']}@{domain}"
    lines = [f"Reply-To: {reply_to}"]
    in_reply_to = _safe([thread["in_reply_to"]] if thread["in_reply_to"] else [])
    if in_reply_to:
        lines.append(f"In-Reply-To: {in_reply_to[0]}")
    if references := _safe(thread["references"]):
        lines.append("References: " + "\r\n ".join(references))
    name = texts_of(locale, "notify")[DESK]
    encoded = str(Header(name, "utf-8")) if not name.isascii() else name
    return Thread(
        sender=f"{encoded} <{desk_address}>" if not name.isascii() else formataddr((name, desk_address)),
        message_id=f"<{'answer' if by_person else 'acknowledgement'}-{thread['entry_id']}@{domain}>",
        headers=("\r\n".join(lines) + "\r\n").encode(),
        by_person=by_person,
    )


def desk_address_of(setting: str, mail_from: str) -> str:
    """The address of the helpdesk; without one `service@` where the portal's mails come from. Raises ValueError."""
    domain = parseaddr(mail_from)[1].rpartition("@")[2]
    address = parseaddr(setting)[1] if setting else f"service@{domain}"
    if not address.isascii() or address.count("@") != 1 or any(c in address for c in "+ <>\r\n"):
        raise ValueError("NOTIFY_DESK_ADDRESS is an address such as service@example.com.")
    return address


def _safe(references: list[str]) -> list[str]:
    """Somebody else's mail program wrote them: what could break a header is left out."""
    return [
        each
        for each in references
        if len(each) <= LONGEST_REFERENCE and each.isascii() and each.isprintable() and " " not in each
    ]
