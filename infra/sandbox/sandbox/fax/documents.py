"""What is faxed, read as pages: TIFF and PDF."""

import warnings
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image, UnidentifiedImageError

TYPES = ("image/tiff", "application/pdf")
MOST_PAGES = 200
SHOWN_WIDTH = 864


class NothingToFax(Exception):
    """The mail brings no TIFF and no PDF that can be read."""


@dataclass(frozen=True)
class FaxMail:
    """A mail to the gateway. `reference` is what the sender wants to see in receipts."""

    message_id: str
    reference: str
    sender: str
    subject: str
    content_type: str
    content: bytes
    pages: int


def read_fax_mail(content: bytes) -> FaxMail:
    """Raises NothingToFax."""
    mail = message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)  # noqa: S101 - policy.default makes these
    for part in mail.iter_attachments():
        if part.get_content_type() in TYPES:
            document = part.get_payload(decode=True) or b""
            assert isinstance(document, bytes)  # noqa: S101 - decode=True makes these
            return FaxMail(
                message_id=str(mail.get("Message-ID", "")).strip(),
                reference=str(mail.get("X-Fax-Reference", "")).strip(),
                sender=str(mail.get("From", "")),
                subject=str(mail.get("Subject", "")),
                content_type=part.get_content_type(),
                content=document,
                pages=count_pages(part.get_content_type(), document),
            )
    raise NothingToFax


def page_picture(content_type: str, content: bytes, page: int, *, full: bool) -> bytes:
    """Page `page`, from 1, as PNG; `full` in all its dots. Raises IndexError."""
    if not 1 <= page <= MOST_PAGES:
        raise IndexError(page)
    if content_type == "application/pdf":
        document = pypdfium2.PdfDocument(content)
        if page > len(document):
            raise IndexError(page)
        picture = document[page - 1].render(scale=204 / 72).to_pil().convert("L")
    else:
        tiff = Image.open(BytesIO(content), formats=("TIFF",))
        try:
            tiff.seek(page - 1)
        except EOFError:
            raise IndexError(page) from None
        picture = tiff.convert("L")
    if not full:
        height = round(picture.height * SHOWN_WIDTH / picture.width)
        picture = picture.resize((SHOWN_WIDTH, height), Image.Resampling.BOX)
    output = BytesIO()
    picture.save(output, "PNG")
    return output.getvalue()


def count_pages(content_type: str, content: bytes) -> int:
    """Raises NothingToFax."""
    try:
        if content_type == "application/pdf":
            pages = len(pypdfium2.PdfDocument(content))
        else:
            with warnings.catch_warnings(action="error"):
                pages = getattr(Image.open(BytesIO(content), formats=("TIFF",)), "n_frames", 1)
    except (pypdfium2.PdfiumError, UnidentifiedImageError, OSError, SyntaxError, ValueError, UserWarning):
        raise NothingToFax from None
    if not 1 <= pages <= MOST_PAGES:
        raise NothingToFax
    return int(pages)
