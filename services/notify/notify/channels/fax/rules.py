"""Which numbers are faxed to, and how a gateway wants them written."""

import re
from string import Formatter

from notify.channels.rules import Failure, Refusal

# Landlines, toll-free and Internet telephones of Taiwan's numbering plan. No mobile (+886 9) has a fax machine, and
# +886 20 costs by the minute what its owner asks for.
OF_TAIWAN = re.compile(r"\+886(?!20)[2-8]\d{6,9}")
ANYWHERE = re.compile(r"\+(?!886)[1-9]\d{6,14}")
# How a number may be written in a gateway's address: +886281927019, 886281927019, 0281927019.
FORMS = ("e164", "digits", "national")
LONGEST_REFERENCE = 100


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


def gateway_address(form: str, number: str) -> str:
    """The address that a mail-to-fax gateway dials: `{digits}@fax.example`, or `FAX={e164}@fax.example` (RFC 3192)."""
    national = "0" + number.removeprefix("+886") if number.startswith("+886") else f"00{number[1:]}"
    return form.format(e164=number, digits=number[1:], national=national)
