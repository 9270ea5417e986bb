"""The mailbox of what came back, and the report of a mail server that could not deliver (RFC 3464)."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import BytesHeaderParser
from email.utils import format_datetime

MOST_MAILS = 1_000
SERVER = "sandbox.mtnet.example"
# What a mail server says that knows no such person, where the fault says nothing else.
NO_SUCH_PERSON = "550 5.1.1 No such person here"


@dataclass
class Returned:
    """A mail in a folder, with its flags (`\\Seen`, `\\Deleted`)."""

    uid: int
    content: bytes
    folder: str = "INBOX"
    flags: set[str] = field(default_factory=set)
    came_on: date = field(default_factory=lambda: datetime.now(UTC).date())


class Mailbox:
    """The folders of one user. The oldest mails go when there are too many."""

    def __init__(self) -> None:
        self.mails: list[Returned] = []
        self.folders = {"INBOX"}
        self.changed = asyncio.Event()
        self._last_uid = 0

    def put(self, content: bytes, folder: str = "INBOX") -> None:
        self._last_uid += 1
        self.mails.append(Returned(self._last_uid, content, folder))
        del self.mails[:-MOST_MAILS]
        self.changed.set()
        self.changed = asyncio.Event()

    def of(self, folder: str) -> list[Returned]:
        return [mail for mail in self.mails if mail.folder == folder]

    def remove_deleted(self, folder: str) -> list[int]:
        """The places, in their folder, of those that go: each counted after the ones before it went."""
        kept, gone = 0, []
        for mail in self.of(folder):
            if "\\Deleted" in mail.flags:
                gone.append(kept + 1)
                self.mails.remove(mail)
            else:
                kept += 1
        return gone


def report(return_path: str, recipient: str, answer: str, original: bytes) -> bytes:
    """What a mail server writes to the return path that got `answer` ("550 5.1.1 …") from the recipient's server."""
    code = next((word for word in answer.split()[1:2] if word.count(".") == 2), f"{answer[0]}.0.0")
    mail = MIMEMultipart("report")
    mail.set_param("report-type", "delivery-status")
    mail["From"] = f"Mail Delivery System <MAILER-DAEMON@{SERVER}>"
    mail["To"] = return_path
    mail["Subject"] = "Undelivered Mail Returned to Sender"
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Auto-Submitted"] = "auto-replied"
    words = f"This is the mail system at host {SERVER}.\n\nYour message could not be delivered.\n\n"
    mail.attach(MIMEText(f"{words}<{recipient}>: {answer}\n", "plain", "utf-8"))
    about_all, about_recipient = Message(), Message()
    about_all["Reporting-MTA"] = f"dns; {SERVER}"
    about_recipient["Final-Recipient"] = f"rfc822; {recipient}"
    about_recipient["Action"] = "failed"
    about_recipient["Status"] = code
    about_recipient["Diagnostic-Code"] = f"smtp; {answer}"
    status = Message()
    status["Content-Type"] = "message/delivery-status"
    status.set_payload([about_all, about_recipient])
    mail.attach(status)
    headers = Message()
    headers["Content-Type"] = "text/rfc822-headers"
    headers.set_payload(BytesHeaderParser().parsebytes(original).as_string())
    mail.attach(headers)
    return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))
