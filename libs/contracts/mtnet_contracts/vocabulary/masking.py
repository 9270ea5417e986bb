"""How what is personal is shown to those who need not know it: enough to recognise it by, too little to use."""

from __future__ import annotations

BULLETS = "•••"
# However long the name of a LINE user is.
MOST_BULLETS = 6


def masked_id_number(number: str) -> str:
    """`A123***`: what anybody but the owner sees first (handout, BS08-01-01)."""
    return f"{number[:4]}***"


def masked_email(address: str) -> str:
    """`clerk@example.com` as `c•••@example.com`."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"


def masked_contact(contact: str) -> str:
    """A mail address or a telephone number for its owner: `c•••@example.com`, `+886 9•• ••• 678`."""
    if "@" in contact:
        return masked_email(contact)
    return f"{contact[:4]} {contact[4:5]}•• ••• {contact[-3:]}"


def masked_recipient(recipient: str) -> str:
    """The same for an operator, who sees that something was sent, not to whom: `c•••@example.com`, `+886•••••678`."""
    if "@" in recipient:
        return masked_email(recipient)
    if len(recipient) < 8:
        return "•••"
    return f"{recipient[:4]}{'•' * min(len(recipient) - 7, MOST_BULLETS)}{recipient[-3:]}"
