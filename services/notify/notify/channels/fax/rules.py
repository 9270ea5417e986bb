"""Which numbers are faxed to and how a gateway wants them written; what became of a fax, and when it is tried again."""

import re
from dataclasses import dataclass
from datetime import time
from string import Formatter
from uuid import UUID

from mtnet_contracts.vocabulary.office_calendar import office_calendar

from notify.channels.rules import Failure, Receipt, ReceiptOutcome, Refusal, Window

# Landlines, toll-free and Internet telephones of Taiwan's numbering plan. No mobile (+886 9) has a fax machine, and
# +886 20 costs by the minute what its owner asks for.
OF_TAIWAN = re.compile(r"\+886(?!20)[2-8]\d{6,9}")
ANYWHERE = re.compile(r"\+(?!886)[1-9]\d{6,14}")
# How a number may be written in a gateway's address: +886281927019, 886281927019, 0281927019.
FORMS = ("e164", "digits", "national")


def fax_number(recipient: str, *, abroad: bool) -> str:
    """The number to dial, E.164. `abroad`: other countries too, which costs.

    Raises Refusal for an extension (a fax machine cannot be asked for one), a mobile, and what is no number.
    """
    if OF_TAIWAN.fullmatch(recipient) or (abroad and ANYWHERE.fullmatch(recipient)):
        return recipient
    if "#" in recipient:
        raise Refusal(Failure.RECIPIENT_REFUSED, "a fax number has no extension")
    if ANYWHERE.fullmatch(recipient):
        raise Refusal(Failure.RECIPIENT_REFUSED, "numbers abroad are not allowed")
    raise Refusal(Failure.RECIPIENT_REFUSED, "no fax number")


def problem_of_address(form: str) -> str:
    """What is wrong with `{number}@fax.example` as the form of a gateway's addresses, or nothing."""
    try:
        names = [name for _, name, _, _ in Formatter().parse(form) if name is not None]
    except ValueError:
        names = []
    if len(names) != 1 or names[0] not in FORMS or not re.fullmatch(r"[^@\s]*\{\w+\}[^@\s]*@[^@\s{}]+", form):
        return f"it is an address with one of {', '.join(f'{{{each}}}' for each in FORMS)} in it"
    return ""


def number_as(form: str, number: str) -> str:
    """The address that a mail-to-fax gateway dials: `{digits}@fax.example`, or `FAX={e164}@fax.example` (RFC 3192)."""
    national = "0" + number.removeprefix("+886") if number.startswith("+886") else f"00{number[1:]}"
    return form.format(e164=number, digits=number[1:], national=national)


# What a gateway says about a call: what becomes of the delivery. A wrong number stays wrong; the rest may pass.
ANSWERS: dict[str, tuple[ReceiptOutcome, Failure | None]] = {
    "delivered": (ReceiptOutcome.DELIVERED, None),
    "busy": (ReceiptOutcome.RETRY, Failure.BUSY),
    "no_answer": (ReceiptOutcome.RETRY, Failure.NO_ANSWER),
    "no_carrier": (ReceiptOutcome.RETRY, Failure.NO_CARRIER),
    "rejected": (ReceiptOutcome.FAILED, Failure.MESSAGE_REFUSED),
    "wrong_number": (ReceiptOutcome.FAILED, Failure.RECIPIENT_REFUSED),
    "expired": (ReceiptOutcome.FAILED, Failure.EXPIRED),
}
# Our reference: the delivery, and which attempt.
REFERENCE = re.compile(r"(?P<delivery>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/[0-9a-f]{12}")
MESSAGE_ID = re.compile(r"<?fax\.(?P<delivery>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@[^<>@\s]+>?")
HOURS = re.compile(
    r"(?P<opens>[01]\d|2[0-3]):(?P<opens_minutes>[0-5]\d)-(?P<closes>[01]\d|2[0-3]):(?P<closes_minutes>[0-5]\d)"
)
ALWAYS = "always"


def receipt_of(status: str, reference: str, message_id: str, pages: int | None) -> Receipt | None:
    """What a gateway tells about one fax, named by our reference or its Message-ID. None: nothing that we understand.

    A fax that we know nothing of has a receipt as well: whoever sent it may have died before it was recorded.
    """
    named = REFERENCE.fullmatch(reference)
    delivery = named or MESSAGE_ID.fullmatch(message_id)
    if status not in ANSWERS or not (reference or delivery):
        return None
    outcome, failure = ANSWERS[status]
    return Receipt(
        channel="fax",
        outcome=outcome,
        provider_ref=reference or None,
        delivery_id=UUID(delivery["delivery"]) if delivery else None,
        failure=failure,
        detail=status,
        pages=pages if outcome is ReceiptOutcome.DELIVERED else None,
    )


def office_hours(text: str) -> Window | None:
    """`08:00-18:00` in Taipei, on working days of public offices; `always`: None. Raises ValueError."""
    if text == ALWAYS:
        return None
    found = HOURS.fullmatch(text)
    opens = found and time(int(found["opens"]), int(found["opens_minutes"]))
    closes = found and time(int(found["closes"]), int(found["closes_minutes"]))
    if opens is None or closes is None or opens >= closes:
        raise ValueError("NOTIFY_FAX_HOURS is 08:00-18:00, or always.")
    return Window(opens, closes, office_calendar())


@dataclass(frozen=True)
class Job:
    """A job of a HylaFAX server. `state` is its letter (faxstat(1)): D done, F failed, others are under way."""

    number: str
    state: str
    pages: int
    tag: str
    status: str

    @property
    def has_failed(self) -> bool:
        return self.state == "F"


# What HylaFAX says of a job that has failed, by how it begins or what it holds; the first that fits.
SAID_BY_HYLAFAX = (
    ("busy", ReceiptOutcome.RETRY, Failure.BUSY),
    ("no answer", ReceiptOutcome.RETRY, Failure.NO_ANSWER),
    ("ring detected", ReceiptOutcome.RETRY, Failure.NO_ANSWER),
    ("no carrier", ReceiptOutcome.RETRY, Failure.NO_CARRIER),
    ("invalid dialing", ReceiptOutcome.FAILED, Failure.RECIPIENT_REFUSED),
    ("unable to convert dial string", ReceiptOutcome.FAILED, Failure.RECIPIENT_REFUSED),
    ("reject", ReceiptOutcome.FAILED, Failure.MESSAGE_REFUSED),
    ("kill time expired", ReceiptOutcome.FAILED, Failure.EXPIRED),
)


def job_receipt(job: Job) -> Receipt | None:
    """None while it is under way. What nobody knows how to read is tried again: most of it is noise on the line."""
    if job.state not in ("D", "F"):
        return None
    if not job.has_failed:
        return Receipt(
            "fax", ReceiptOutcome.DELIVERED, provider_ref=job.number, detail="done", pages=job.pages
        )
    said = job.status.lower()
    outcome, failure = next(
        ((outcome, failure) for words, outcome, failure in SAID_BY_HYLAFAX if words in said),
        (ReceiptOutcome.RETRY, Failure.NO_CARRIER),
    )
    return Receipt("fax", outcome, provider_ref=job.number, failure=failure, detail=failure.lower())
