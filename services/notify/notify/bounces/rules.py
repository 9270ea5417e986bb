"""What comes back to a return path: a delivery report (RFC 3464), a report in a server's own words, or neither.

Only the codes of a report are kept: its words and the returned mail name people.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses
from enum import StrEnum
from uuid import UUID

# Where a server says to whom it delivered a mail. A report is addressed to the return path.
ADDRESSED_IN = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
MOST_ADDRESSES = 20
MOST_PARTS = 50
LONGEST_TEXT = 20_000
STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
FAILED = "failed"
NOT_FAILED = frozenset({"delayed", "delivered", "relayed", "expanded"})

CODE = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
REPLY = re.compile(r"\b([45]\d\d)(?=[ -])")
# RFC 3463: no such mailbox, system or address (1.x, but 1.5, which is fine, and what is about the sender), a mailbox
# that is disabled, a host that is not in the DNS.
DEAD = frozenset({"1.1", "1.2", "1.3", "1.4", "1.6", "1.9", "1.10", "2.1", "4.4"})
# For a code that says nothing (5.0.0, 5.1.0) the words are a hint, in the manner of the great providers.
WORDS_OF_DEATH = re.compile(
    r"(?:user|recipient|mailbox|address|account)\W{0,3}(?:is |was |has been )?"
    r"(?:unknown|not found|does(?: not|n't) exist|disabled|invalid|inactive|no longer)|"
    r"no such (?:user|recipient|mailbox|person|address)|(?:unknown|invalid) (?:user|recipient|mailbox|address)|"
    r"does(?: not|n't) have an? \S+ account|host (?:or domain name )?not found|unrouteable address|no mailbox here",
    re.IGNORECASE,
)
FROM_A_SERVER = re.compile(r"mailer-daemon|postmaster|mail delivery (?:sub)?system", re.IGNORECASE)
SUBJECT_OF_A_REPLY = re.compile(
    r"^(?:auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|自動回[覆復])", re.I
)


class Weight(StrEnum):
    """What a bounce says about the address.

    HARD: nobody reads there. SOFT: full, or not reached in time. POLICY: the server there does not want this mail,
    which may be about us.
    """

    HARD = "hard"
    SOFT = "soft"
    POLICY = "policy"


class Ignored(StrEnum):
    """Why a mail in the mailbox is no bounce."""

    DELAY = "delay"
    SUCCESS = "success"
    REPLY = "reply"
    LOOP = "loop"


@dataclass(frozen=True)
class Bounce:
    """A mail did not arrive. `code` is that of RFC 3463: `5.1.1`."""

    delivery_id: UUID
    weight: Weight
    code: str


@dataclass(frozen=True)
class NotUnderstood:
    """Somebody should look at it. `why` is a word for the metric: `address`, `report`."""

    why: str


Read = Bounce | Ignored | NotUnderstood


def read_report(content: bytes, delivery_of: Callable[[str], UUID | None]) -> Read:
    """What a mail in the mailbox says. `delivery_of` knows the delivery of a return path that we made."""
    mail = message_from_bytes(content, policy=compat32)
    delivery_id = next(filter(None, map(delivery_of, _addresses(mail))), None)
    if delivery_id is None:
        return NotUnderstood("address")
    for part in _parts(mail):
        if part.get_content_type() in STATUS_PARTS:
            return _of_status(delivery_id, list(_blocks(part)))
    if _is_from_a_server(mail):
        return _of_words(delivery_id, mail) or NotUnderstood("report")
    return _ignored(mail) or NotUnderstood("report")


def _addresses(mail: Message) -> list[str]:
    written = [str(value) for name in ADDRESSED_IN for value in mail.get_all(name, [])][:MOST_ADDRESSES]
    return [address for _, address in getaddresses(written)[:MOST_ADDRESSES]]


def _parts(mail: Message) -> Iterator[Message]:
    """The parts of the report itself, not those of the mail that it returns."""
    waiting, seen = [mail], 0
    while waiting and seen < MOST_PARTS:
        part = waiting.pop(0)
        seen += 1
        yield part
        if part.get_content_maintype() == "multipart":
            waiting += [each for each in part.get_payload() if isinstance(each, Message)]


def _blocks(part: Message) -> Iterator[Message]:
    """Groups of fields: the first about the whole mail, then one for each recipient."""
    payload = part.get_payload()
    for group in payload if isinstance(payload, list) else []:
        if not isinstance(group, Message):
            continue
        yield group
        # The library knows the groups of message/delivery-status; of its sister (RFC 6533) it takes the first alone.
        if isinstance(rest := group.get_payload(), str) and rest.strip():
            yield from _groups(rest)


def _groups(text: str) -> Iterator[Message]:
    for block in re.split(r"\r?\n[ \t]*\r?\n", text[:LONGEST_TEXT].strip()):
        if block.strip():
            yield message_from_string(block.strip() + "\n\n")


def _of_status(delivery_id: UUID, groups: list[Message]) -> Read:
    """A mail has one recipient; the first group that says that it failed is its report."""
    actions = [str(group.get("Action", "")).split(";")[0].strip().lower() for group in groups]
    for group, action in zip(groups, actions, strict=True):
        if action == FAILED:
            diagnostic = str(group.get("Diagnostic-Code", ""))
            return Bounce(delivery_id, *_judged(_code(str(group.get("Status", "")), diagnostic), diagnostic))
    told = NOT_FAILED.intersection(actions)
    if not told:
        return NotUnderstood("report")
    return Ignored.DELAY if "delayed" in told else Ignored.SUCCESS


def _code(status: str, diagnostic: str) -> str:
    """The more exact of the two: many servers write 5.0.0 beside a diagnosis that says what it was."""
    stated, diagnosed = CODE.search(status), CODE.search(diagnostic)
    if stated and not stated[1].endswith(".0.0"):
        return stated[1]
    if diagnosed:
        return diagnosed[1]
    if stated:
        return stated[1]
    reply = REPLY.search(diagnostic)
    return f"{reply[1][0]}.0.0" if reply else "5.0.0"


def _judged(code: str, words: str) -> tuple[Weight, str]:
    kind, _, detail = code.partition(".")
    if kind == "5" and (detail in DEAD or (detail.endswith(".0") and WORDS_OF_DEATH.search(words))):
        return Weight.HARD, code
    return (Weight.POLICY if detail.startswith(("7.", "6.")) or detail == "3.4" else Weight.SOFT), code


def _ignored(mail: Message) -> Ignored | None:
    """An answer of a person's program, a receipt of their reading, or our own mail that was sent back to us."""
    automatic = str(mail.get("Auto-Submitted", "")).lower()
    if mail.get("X-Auto-Response-Suppress") and automatic.startswith("auto-generated"):
        return Ignored.LOOP
    receipt = mail.get_param("report-type") == "disposition-notification"
    replies = automatic.startswith("auto-replied") or any(
        mail.get(name) for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply-From")
    )
    if receipt or replies or SUBJECT_OF_A_REPLY.match(str(mail.get("Subject", "")).strip()):
        return Ignored.REPLY
    return None


def _is_from_a_server(mail: Message) -> bool:
    """Replies of people's programs have an empty return path, too (RFC 3834): that alone shows nothing."""
    return (
        mail.get("X-Failed-Recipients") is not None
        or FROM_A_SERVER.search(str(mail.get("From", ""))) is not None
    )


def _of_words(delivery_id: UUID, mail: Message) -> Bounce | None:
    """A report without a part for programs (qmail's, older Exims'): the first code in its text, if there is one."""
    text = next((_text(part) for part in _parts(mail) if part.get_content_maintype() == "text"), "")
    # What follows is the mail that is returned.
    text = re.split(r"^-{2,}.*(?:copy of|original|message follows)", text, maxsplit=1, flags=re.I | re.M)[0]
    code, reply = CODE.search(text), REPLY.search(text)
    if code is None and reply is None and not WORDS_OF_DEATH.search(text):
        return None
    return Bounce(delivery_id, *_judged(_code("", text), text))


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return (
        payload[: 4 * LONGEST_TEXT].decode("utf-8", "replace")[:LONGEST_TEXT]
        if isinstance(payload, bytes)
        else ""
    )
