"""Mail-to-fax: a gateway behind a mail server dials the number in the address, and faxes what is attached."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID, uuid4

from PIL.Image import Image

from notify.channels.fax.pages import as_pdf, as_tiff
from notify.channels.smtp import LAST_ANSWER_SECONDS, SmtpSession

# The gateway's receipts repeat it; without it they name the Message-ID.
REFERENCE = "X-Fax-Reference"
FORMATS: dict[str, tuple[str, str, Callable[[Sequence[Image]], bytes]]] = {
    "tiff": ("image", "tiff", as_tiff),
    "pdf": ("application", "pdf", as_pdf),
}


@dataclass
class MailToFax:
    """`address_of` writes a number as the gateway wants it; `format` is one of FORMATS."""

    smtp: SmtpSession
    address_of: Callable[[str], str]
    format: str

    def send(self, delivery_id: UUID, number: str, subject: str, pages: Sequence[Image]) -> tuple[str, str]:
        """The server's answer in codes, and what receipts of this attempt will name.

        The Message-ID is the same for every attempt, by which a fax that went out twice can be recognised.
        Raises Refusal, Deferral, Doubt, Outage.
        """
        address, reference = self.address_of(number), f"{delivery_id}/{uuid4().hex[:12]}"
        main_type, subtype, encoded = FORMATS[self.format]
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self.smtp.mail_from
        mail["To"] = address
        mail["Subject"] = subject
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = f"<fax.{delivery_id}@{self.smtp.domain}>"
        mail[REFERENCE] = reference
        mail["Auto-Submitted"] = "auto-generated"
        # Some gateways fax the text of a mail, too.
        mail.set_content("")
        mail.add_attachment(encoded(pages), main_type, subtype, filename=f"fax.{subtype}")
        return self.smtp.send_content(address, mail.as_bytes(), LAST_ANSWER_SECONDS), reference

    def close(self) -> None:
        self.smtp.close()
