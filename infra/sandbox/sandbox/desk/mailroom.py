"""Mails to the helpdesk: into a mailbox that the portal reads over IMAP."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from sandbox.returned.mailbox import Mailbox

USER = "desk"
LONGEST_LINE = 200
LONGEST_TEXT = 50_000
MOST_FILES = 10
LARGEST_FILE_BYTES = 20 * 1024 * 1024


class NotWritten(Exception):
    """The words say what is missing: `from`, `file`."""


@dataclass(frozen=True)
class Letter:
    """What somebody wrote. `files`: name, media type, content. `answers`: Message-IDs, what is answered at the end."""

    sender: str
    to: str
    subject: str
    text: str
    files: tuple[tuple[str, str, bytes], ...] = ()
    answers: tuple[str, ...] = ()


@dataclass
class Mailroom:
    """`addresses`: what is delivered into the desk's mailbox; `fax_address`: where the fax gateway delivers."""

    addresses: tuple[str, ...] = ()
    fax_address: str = ""
    mailbox: Mailbox = field(default_factory=Mailbox)

    def takes(self, recipient: str) -> bool:
        """Whether a mail to this address, or one with a plus in it, is for the desk."""
        local_part, _, domain = recipient.lower().rpartition("@")
        plain = f"{local_part.partition('+')[0]}@{domain}"
        return plain in self.addresses or recipient.lower() == self.fax_address

    def deliver(self, content: bytes, sender: str, recipient: str) -> None:
        """As a mail server does: who sent it and for whom it was is written on top."""
        top = f"Return-Path: <{sender.strip('<>')}>\r\nDelivered-To: {recipient}\r\n"
        self.mailbox.put(top.encode("utf-8", "replace") + content)

    def write(self, letter: Letter) -> None:
        """Raises NotWritten."""
        mail = EmailMessage()
        mail["From"] = _address(letter.sender)
        mail["To"] = letter.to
        mail["Subject"] = _line(letter.subject)
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = make_msgid(domain="sandbox.mtnet.example")
        if letter.answers:
            mail["In-Reply-To"] = letter.answers[-1]
            mail["References"] = " ".join(letter.answers)
        mail.set_content(letter.text[:LONGEST_TEXT])
        for name, kind, content in letter.files[:MOST_FILES]:
            maintype, _, subtype = kind.partition("/")
            mail.add_attachment(content, maintype, subtype or "octet-stream", filename=_line(name) or "file")
        self.deliver(mail.as_bytes(), letter.sender, letter.to)

    def fax(self, number: str, kind: str, document: bytes) -> None:
        """As a gateway delivers a fax that came in from this number."""
        mail = EmailMessage()
        mail["From"] = f"{number}@fax.example"
        mail["To"] = self.fax_address
        mail["Subject"] = f"Fax from {number}"
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = make_msgid(domain="fax.example")
        mail["X-Fax-From"] = number
        mail.set_content("A fax has come in.")
        ending = "pdf" if kind == "application/pdf" else "tiff"
        maintype, _, subtype = kind.partition("/")
        mail.add_attachment(document, maintype, subtype, filename=f"fax.{ending}")
        self.deliver(mail.as_bytes(), f"{number}@fax.example", self.fax_address)


def _line(text: str) -> str:
    return " ".join("".join(each for each in text if each.isprintable()).split())[:LONGEST_LINE]


def _address(text: str) -> str:
    """Raises NotWritten."""
    try:
        return str(Address(addr_spec=_line(text)))
    except (ValueError, IndexError):
        raise NotWritten("from") from None
