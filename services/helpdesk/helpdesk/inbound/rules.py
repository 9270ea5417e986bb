"""What is decided about things that come in: where from, for whom, whether a program wrote it, whether to doubt it.

Sources: RFC 3834 (automatic responses), RFC 5322 3.6.4 (identification), Microsoft's X-Auto-Response-Suppress.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from mtnet_contracts.vocabulary.masking import masked_contact

from helpdesk.file_checks.rules import dangerous_name
from helpdesk.requesters.rules import address_key

LARGEST_RAW_BYTES = 35 * 1024 * 1024
MOST_FILES = 10
LONGEST_READ_TEXT = 100_000
LONGEST_SUBJECT = 300
LONGEST_NAME = 120
LONGEST_MESSAGE_ID = 250
# Of what is counted by.
LONGEST_KEY = 300
MOST_REFERENCES = 20
# Where a sender's name is no address at all (RFC 2606: such a domain never exists).
UNKNOWN_SENDER = "unknown@sender.invalid"
# So many mails of one address within an hour become entries; what comes after them is held.
RATE_WINDOW = timedelta(hours=1)
AUTOMATIC_FROM = 20
HELD_FROM = 60
# People chat in short lines, and no program answers there.
HELD_FROM_IN_CHAT = 300
# Of the portal's form, within the same hour.
MOST_FORMS_OF_ONE_ADDRESS = 10
MOST_FORMS_OF_ONE_SOURCE = 30
# So often, and after so long, an item that could not be understood is tried again.
MOST_TRIES = 5
ADDRESS = re.compile(r"[^\s@<>\"(),;:\\\x00-\x1f\x7f]{1,64}@[^\s@<>\"(),;:\\\x00-\x1f\x7f]{1,253}")
# A telephone number or the like, in what is shown to others.
LONG_NUMBER = re.compile(r"(?<![\w-])\+?\d{8,15}(?![\w-])|U[0-9a-f]{32}")
SUBJECT_OF_A_REPLY = re.compile(
    r"^(?:auto(?:matic|matische)?[- ]?(?:reply|response|antwort)|out of (?:the )?office"
    r"|自動回[覆復]|自动回复|不在辦公室)",
    re.I,
)
FROM_A_SERVER = re.compile(
    r"^(?:mailer-daemon|postmaster|mail-daemon|bounces?|no-?reply|do-?not-?reply)(?:[+@._-]|$)", re.I
)
OWN_MESSAGE = re.compile(
    r"^<(?:(?:answer|acknowledgement)-)?(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@(?P<domain>[^<>@\s]+)>$",
    re.I,
)


class HeldItemNotFound(Exception):
    """It is not held, or no more: somebody has decided."""


class FormsEnough(Exception):
    """One address, or one source, sent so many forms within an hour that it has to wait."""


class Channel(StrEnum):
    EMAIL = "email"
    FAX = "fax"
    LINE = "line"
    PHONE = "phone"
    WEB = "web"


class State(StrEnum):
    """Of an inbound item. STORED: to be understood. RECORDED: an entry of a ticket. OWN: the portal wrote it itself.
    HELD: more of one sender or thread than a person writes, kept for a lead, who lets it in or has it DISCARDED."""

    STORED = "stored"
    RECORDED = "recorded"
    OWN = "own"
    HELD = "held"
    DISCARDED = "discarded"


class Problem(StrEnum):
    """What the thread says about an item that did not come in whole. Of LINE: what was sent that is no text."""

    NO_SENDER = "no_sender"
    NOT_READABLE = "not_readable"
    TOO_LARGE = "too_large"
    TOO_MANY_PARTS = "too_many_parts"
    TOO_MANY_FILES = "too_many_files"
    ENCRYPTED = "encrypted"
    WINMAIL = "winmail"
    CHARACTERS_LOST = "characters_lost"
    SHORTENED = "shortened"
    NO_PAGES = "no_pages"
    LINE_IMAGE = "line_image"
    LINE_VIDEO = "line_video"
    LINE_AUDIO = "line_audio"
    LINE_FILE = "line_file"
    LINE_LOCATION = "line_location"
    LINE_STICKER = "line_sticker"
    LINE_NOT_FETCHED = "line_not_fetched"
    LINE_TOO_LARGE = "line_too_large"
    LINE_OTHER = "line_other"


@dataclass(frozen=True)
class Part:
    """A file of a mail. `content` is empty where it is larger than LARGEST_FILE_BYTES; `size` is what it was."""

    name: str
    declared_type: str
    content: bytes = field(repr=False)
    size: int


@dataclass(frozen=True)
class Mail:
    """A mail that was read. `recipients` are all addresses it was for; `headers` are those that judgements look at."""

    message_id: str
    address: str
    name: str
    subject: str
    text: str
    quoted: str
    references: tuple[str, ...]
    recipients: tuple[str, ...]
    files: tuple[Part, ...]
    problems: tuple[str, ...]
    headers: Mapping[str, str]
    content_type: str = "text/plain"


@dataclass(frozen=True)
class OurAddresses:
    """`desk`: where people write; `fax`: where the fax gateway delivers; `senders`: what the portal writes from.

    `fax_gateways`: domains whose mails to the fax address are faxes. All lower-case.
    """

    desk: frozenset[str]
    fax: frozenset[str] = frozenset()
    fax_gateways: frozenset[str] = frozenset()
    senders: frozenset[str] = frozenset()

    @property
    def own_domains(self) -> frozenset[str]:
        return frozenset(each.rpartition("@")[2] for each in self.desk | self.senders)


# Headers that judgements look at, lower-case.
JUDGED = (
    "auto-submitted", "precedence", "x-auto-response-suppress", "list-id", "list-unsubscribe", "return-path",
    "x-autoreply", "x-autorespond", "x-auto-reply-from", "x-failed-recipients", "x-spam-flag", "x-spam-status",
    "x-spam", "x-rspamd-action", "x-ms-exchange-organization-scl", "x-fax-from", "content-language", "reply-to",
    "x-loop", "authentication-results",
)  # fmt: skip


def dedupe_key(message_id: str, address: str, date: str, subject: str, body: bytes) -> str:
    """The same for every copy of one mail, whatever servers wrote on top of it on the way.

    The Message-ID alone would let one mail take the place of another: some programs repeat theirs, and strangers can.
    """
    digest = hashlib.sha256()
    for each in (message_id, address, date, subject):
        digest.update(each.encode("utf-8", "surrogatepass") + b"\x00")
    # Copies differ in their line ends: those of SMTP, or those of a file.
    digest.update(body.replace(b"\r\n", b"\n").rstrip(b"\n"))
    return f"mail:{digest.hexdigest()}"


def is_fax(mail: Mail, ours: OurAddresses) -> bool:
    """A mail of the fax gateway to the address for faxes; from anybody else it is a mail."""
    domain = mail.address.rpartition("@")[2].lower()
    to_fax = any(each.lower() in ours.fax for each in mail.recipients)
    return to_fax and any(domain == each or domain.endswith(f".{each}") for each in ours.fax_gateways)


def is_for_us(address: str, ours: OurAddresses) -> bool:
    """Whether a recipient is the desk's: its address, with or without something behind a plus, or the fax's."""
    local_part, _, domain = address.strip("<>").lower().rpartition("@")
    return f"{local_part.partition('+')[0]}@{domain}" in ours.desk | ours.fax


def listening_at(url: str) -> str | tuple[str, int]:
    """`lmtp://127.0.0.1:2424` or `unix:///run/mtnet/lmtp`: host and port, or a path. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme == "lmtp" and parts.hostname and parts.port:
        return parts.hostname, parts.port
    if parts.scheme == "unix" and parts.path:
        return parts.path
    raise ValueError("HELPDESK_LMTP is an address such as lmtp://127.0.0.1:2424 or unix:///run/mtnet/lmtp.")


def fax_number(mail: Mail) -> str:
    """The number that a fax came from, as the gateway writes it: in a header, its address, or the subject."""
    local_part = mail.address.rpartition("@")[0]
    for written in (mail.headers.get("x-fax-from", ""), local_part.removeprefix("FAX="), mail.subject):
        if found := re.search(r"\+?\d[\d -]{5,18}\d", written):
            return re.sub(r"[ -]", "", found.group())
    return ""


def link_token(recipients: Sequence[str], ours: OurAddresses) -> str:
    """What stands behind the plus of our address: `service+<token>@…`."""
    for each in recipients:
        local_part, _, domain = each.rpartition("@")
        plain, plus, token = local_part.partition("+")
        if plus and token and f"{plain}@{domain}".lower() in ours.desk:
            return token
    return ""


def is_own(mail: Mail, ours: OurAddresses) -> bool:
    """The portal's own mail, sent back to us: answering it would never end."""
    if mail.address.lower() in ours.desk | ours.senders | ours.fax:
        return True
    found = OWN_MESSAGE.match(mail.message_id)
    return found is not None and found["domain"].lower() in ours.own_domains


def is_automatic(mail: Mail) -> bool:
    """Whether a program wrote it. Nobody answers such a mail automatically (RFC 3834, 2)."""
    told = mail.headers
    submitted = told.get("auto-submitted", "no").split(";")[0].strip().lower()
    suppressed = told.get("x-auto-response-suppress", "").lower()
    return (
        submitted not in ("", "no")
        or told.get("precedence", "").strip().lower() in ("bulk", "junk", "list", "auto_reply")
        or any(each in suppressed for each in ("all", "oof", "autoreply"))
        or any(name in told for name in ("x-autoreply", "x-autorespond", "x-auto-reply-from", "x-loop"))
        or any(name in told for name in ("list-id", "list-unsubscribe", "x-failed-recipients"))
        or told.get("return-path", "").strip() == "<>"
        or mail.content_type == "multipart/report"
        or FROM_A_SERVER.match(mail.address) is not None
        or SUBJECT_OF_A_REPLY.match(mail.subject) is not None
    )


def may_be_acknowledged(mail: Mail, ours: OurAddresses) -> bool:
    """Whether its sender may be told by itself that it came in: not where our mail server says that it is forged
    (RFC 8601), and not ourselves. Automatic mails and spam are left out wherever they are found out.
    """
    told = mail.headers.get("authentication-results", "").lower()
    forged = re.search(r"\b(?:dmarc|spf)\s*=\s*fail\b", told) is not None
    return not forged and mail.address != UNKNOWN_SENDER and may_be_written_to(mail.address, ours)


def may_be_written_to(address: str, ours: OurAddresses) -> bool:
    """Not ourselves: the desk would answer the desk."""
    return not is_for_us(address, ours) and address.lower() not in ours.senders


def is_spam(mail: Mail, ours: OurAddresses) -> bool:
    """What our mail server says, or two marks of our own. Spam is marked, and never thrown away."""
    told = mail.headers
    server = (
        told.get("x-spam-flag", "").strip().lower().startswith("yes")
        or told.get("x-spam", "").strip().lower() == "yes"
        or told.get("x-spam-status", "").strip().lower().startswith("yes")
        or told.get("x-rspamd-action", "").strip().lower() in ("add header", "rewrite subject", "reject")
        or _number(told.get("x-ms-exchange-organization-scl", "")) >= 5
    )
    return server or sum(_marks(mail, ours)) >= 2


def _marks(mail: Mail, ours: OurAddresses) -> tuple[bool, ...]:
    domain = mail.address.rpartition("@")[2].lower()
    links = len(re.findall(r"https?://", mail.text))
    return (
        any(own in mail.name.lower() for own in ours.own_domains) and domain not in ours.own_domains,
        links > 15,
        links > 0 and len(mail.text) < 80 and not mail.references,
        any(dangerous_name(each.name) for each in mail.files),
        bool(told := mail.headers.get("reply-to", "")) and domain not in told.lower(),
        not any(each.partition("+")[0].partition("@")[0] in _local_parts(ours) for each in mail.recipients),
    )


def _local_parts(ours: OurAddresses) -> set[str]:
    return {each.partition("@")[0] for each in ours.desk | ours.fax}


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"\d{1,2}", text.strip()) else 0


def rate_verdict(channel: str, earlier: int) -> tuple[bool, bool]:
    """Of a sender or thread with so many within RATE_WINDOW: is the next one taken for automatic, is it held?"""
    if channel == Channel.LINE:
        return False, earlier >= HELD_FROM_IN_CHAT
    return earlier >= AUTOMATIC_FROM, earlier >= HELD_FROM


def held_because(of_sender: int, of_thread: int) -> str:
    """What brought more: `sender` or `thread`."""
    return "sender" if of_sender >= of_thread else "thread"


def masked_addresses(text: str) -> str:
    """A header, say, with every mail address and number masked."""
    return LONG_NUMBER.sub(
        lambda found: masked_contact(found.group()),
        ADDRESS.sub(lambda found: masked_contact(found.group()), text),
    )


def one_shown(text: str) -> str:
    """As much as a line of a list shows."""
    return " ".join(text.split())[:LONGEST_NAME]


def retry_delay(tries: int) -> timedelta:
    """After so many tries: 5 s, 10 s, 20 s, 40 s."""
    return timedelta(seconds=5 * 2 ** max(0, tries - 1))


def head_of(raw: bytes) -> bytes:
    """The headers of a mail, alone."""
    found = re.search(rb"\r?\n\r?\n", raw)
    return raw[: found.end()] if found else raw[:65_536]


def locale_of(text: str) -> str:
    """`zh-Hant` where anything is written in ideographs; who writes none is answered in English."""
    return "zh-Hant" if re.search("[\u3400-\u9fff]", text) or not re.search("[A-Za-z]{3}", text) else "en"


def locale_of_fax(number: str) -> str:
    """A fax has pages, no words, and what its gateway writes beside them says nothing of its sender."""
    return "zh-Hant" if number.startswith("+886") else "en"


def line_problem(kind: str, not_fetched: str) -> str:
    """The code of what somebody sent in a chat besides words (LINE Developers, "Message event"), and is not here."""
    if not_fetched:
        return Problem.LINE_TOO_LARGE if not_fetched == "too_large" else Problem.LINE_NOT_FETCHED
    code = f"line_{kind}"
    return code if code in set(Problem) else Problem.LINE_OTHER


def sender_key(channel: str, address: str) -> str:
    """Who wrote, for counting: one person is one sender, however they write their address. Empty for nobody."""
    key = address_key(channel, address) or address.strip().lower()
    return f"{channel}:{key}"[:LONGEST_KEY] if key else ""


def sender_of_form(email: str | None, phone: str | None) -> str:
    """Whoever left an address in a form, for counting."""
    channel, address = ("email", email) if email else ("phone", phone or "")
    key = sender_key(channel, address)
    return f"web:{key.removeprefix(f'{channel}:')}" if key else ""


def source_key(source: str) -> str:
    """Where a form came from, for counting: who reads the table learns no address of the network from it."""
    return f"source:{hashlib.sha256(source.encode()).hexdigest()[:24]}" if source else ""
