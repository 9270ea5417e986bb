"""Links by which whoever gets a mail stops mails of that sort, without logging in (RFC 8058)."""

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from uuid import UUID

from mtnet_contracts.vocabulary.notices import Category

from notify.contact_points.rules import Person, account, application

PURPOSE = b"unsubscribe"
TAG_BYTES = 10
# What a person may do without. Legal notices and what protects an account cannot be switched off.
# A token holds the place of its category here: new ones are added at the end.
OPTIONAL = (Category.REMINDER, Category.INFORMATION)
KINDS = ("account", "application")
BYTES_BEFORE_TAG = 18


@dataclass(frozen=True)
class UnsubscribeLinks:
    """Makes and reads the token of a link: a byte for the kind of person, its id, a byte for the category, a tag."""

    portal_url: str
    key: bytes = field(repr=False)

    def of(self, person: Person | None, category: Category) -> str | None:
        """None for what cannot be switched off, and for what is written to nobody in particular."""
        if person is None or category not in OPTIONAL:
            return None
        said = bytes([KINDS.index(person.kind)]) + person.id.bytes + bytes([OPTIONAL.index(category)])
        token = urlsafe_b64encode(said + self._tag(said)).decode().rstrip("=")
        return f"{self.portal_url}/unsubscribe/{token}"

    def read(self, token: str) -> tuple[Person, Category] | None:
        """None for a token that we did not make."""
        try:
            raw = urlsafe_b64decode(token + "=" * (-len(token) % 4)) if token.isascii() else b""
        except binascii.Error:
            return None
        said, tag = raw[:BYTES_BEFORE_TAG], raw[BYTES_BEFORE_TAG:]
        if not hmac.compare_digest(tag, self._tag(said)):
            return None
        person_id, category = UUID(bytes=said[1:17]), OPTIONAL[said[17]]
        return (account if said[0] == KINDS.index("account") else application)(person_id), category

    def _tag(self, said: bytes) -> bytes:
        return hmac.digest(self.key, PURPOSE + b"\0" + said, "sha256")[:TAG_BYTES]
