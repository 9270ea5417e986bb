"""Messages as a person would receive them, and the reading of mail into them."""

import re
from base64 import b64encode
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


@dataclass(frozen=True)
class Attachment:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Message:
    """One message to one person; `id` grows with each message kept, 0 before that."""

    channel: str
    to: str
    sender: str
    subject: str
    text: str
    html: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    received_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: int = 0

    def as_json(self) -> dict[str, Any]:
        """The shape of GET /api/messages."""
        shape = asdict(self)
        shape["from"] = shape.pop("sender")
        shape["received_at"] = self.received_at.isoformat()
        shape["attachments"] = [
            {"name": each.name, "content_type": each.content_type, "size": len(each.content)}
            for each in self.attachments
        ]
        return shape


def read_mail(content: bytes, *, sender: str, recipients: list[str]) -> list[Message]:
    """One message for each envelope recipient, whatever the mail's own To says."""
    mail = message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)  # noqa: S101 - policy.default makes these
    attachments = tuple(
        Attachment(
            name=part.get_filename() or f"attachment-{number}",
            content_type=part.get_content_type(),
            content=part.get_payload(decode=True) or b"",  # type: ignore[arg-type]
        )
        for number, part in enumerate(mail.iter_attachments(), start=1)
    )
    return [
        Message(
            channel="email",
            to=recipient,
            sender=str(mail.get("From", sender)),
            subject=str(mail.get("Subject", "")),
            text=body(mail, "plain"),
            html=with_pictures(body(mail, "html"), mail),
            headers={name: str(value) for name, value in mail.items()},
            attachments=attachments,
        )
        for recipient in recipients
    ]


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeDecodeError):  # an encoding that nobody knows
        return bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace")


def with_pictures(html: str, mail: EmailMessage) -> str:
    """The HTML with the pictures that came with it (`cid:` addresses, RFC 2392), as a mail program shows it."""
    for part in mail.walk():
        name = str(part.get("Content-ID", "")).strip("<> ")
        if name and part.get_content_type() in PICTURES:
            content = b64encode(part.get_payload(decode=True) or b"").decode()  # type: ignore[arg-type]
            html = html.replace(f"cid:{name}", f"data:{part.get_content_type()};base64,{content}")
    return html


PICTURES = frozenset({"image/png", "image/jpeg", "image/gif"})
MOBILE = re.compile(r"\+[1-9]\d{7,14}")


def is_mobile_number(number: str) -> bool:
    """E.164, and for Taiwan a mobile number: +886 9 and eight digits more."""
    if not MOBILE.fullmatch(number):
        return False
    return not number.startswith("+886") or re.fullmatch(r"\+8869\d{8}", number) is not None
