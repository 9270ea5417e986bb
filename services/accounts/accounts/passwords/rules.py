"""What a password must be, and how long a link to set a new one works."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts.sessions.rules import normalised

# What a password must be (handout, 修改密碼; 資通系統防護基準; docs/adr/0039)

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 128
# The one in use and the two before it (資通系統防護基準: none of the last three).
REMEMBERED = 3
# zxcvbn counts ten guesses for a character of chance: a password must not be easier to find than eight of them.
GUESSES_OF_A_CHARACTER = 10
SHORTEST_WORD = 4
SHORTEST_CHINESE_WORD = 2
SPECIAL = re.compile(r"[^A-Za-z0-9\s]")
LEGAL_FORM = re.compile(
    r"股份有限公司|有限公司|分公司|公司|co\.?,?\s*ltd\.?|corporation|corp\.?|limited|inc\.?|company", re.I
)
NOT_LETTERS_OR_DIGITS = re.compile(r"[\W_]+")
# Where the password is used, and words of the place that a list from abroad does not hold. With 注音 keys: 我的密碼,
# 密碼, 我愛你, 你好, 航港.
CONTEXT_WORDS = (
    "mtnet", "motcmpb", "taiwanport", "航港", "portnet", "maritime", "harbor", "harbour", "seaport", "shipping",
    "taiwan", "formosa", "taipei", "keelung", "taichung", "kaohsiung", "hualien", "suao", "anping", "mailiao",
    "ji32k7au4a83", "au4a83", "ji3g4", "ji394su3", "su3cl3", "c;6e;3",
)  # fmt: skip


class PasswordChangedMeanwhile(Exception):
    """Another password was set while this one was being judged."""


@dataclass(frozen=True)
class Owner:
    """What a password may not contain, since people who know its owner guess it first."""

    account_name: str
    id_number: str = ""
    mobile: str = ""
    organisation: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewPassword:
    """A password that keeps the rules, hashed; `former_hash` is of the one in use while it was judged."""

    account_id: UUID
    password_hash: str
    former_hash: str | None


def password_faults(password: str, *, owner: Owner, guesses: int) -> tuple[str, ...]:
    """Every rule the password breaks, as codes, so that all can be put right at once. The last three are not asked.

    The normal form is judged, since it is what is hashed. `guesses`: how many it takes to find it (`adapters.guesses`).
    """
    found = []
    password = normalised(password)
    if len(password) < SHORTEST_PASSWORD:
        found.append("PASSWORD_TOO_SHORT")
    if len(password) > LONGEST_PASSWORD:
        found.append("TOO_LONG")
    if not re.search(r"[A-Z]", password):
        found.append("PASSWORD_NEEDS_UPPER")
    if not re.search(r"[a-z]", password):
        found.append("PASSWORD_NEEDS_LOWER")
    if not re.search(r"[0-9]", password):
        found.append("PASSWORD_NEEDS_DIGIT")
    if not SPECIAL.search(password):
        found.append("PASSWORD_NEEDS_SPECIAL")
    found += [code for code, words in _forbidden(owner) if _contains(password, words)]
    # Shorter ones are told their length, and that they are common only if they would be as easy at any length.
    if guesses < GUESSES_OF_A_CHARACTER ** min(SHORTEST_PASSWORD, len(password)):
        found.append("PASSWORD_TOO_COMMON")
    return tuple(found)


def words_of(owner: Owner) -> tuple[str, ...]:
    """What a guesser who knows the owner and the portal tries first."""
    return (*CONTEXT_WORDS, *(word for _, words in _forbidden(owner) for word in words))


def _forbidden(owner: Owner) -> tuple[tuple[str, tuple[str, ...]], ...]:
    digits = owner.mobile.removeprefix("+886").lstrip("0")
    return (
        ("PASSWORD_CONTAINS_ACCOUNT", _long_enough(owner.account_name)),
        # Its digits alone tell it as well: the letter is soon tried.
        ("PASSWORD_CONTAINS_ID_NUMBER", _long_enough(owner.id_number[1:])),
        ("PASSWORD_CONTAINS_MOBILE", _long_enough(digits)),
        ("PASSWORD_CONTAINS_ORGANISATION", _long_enough(*map(_short_name, owner.organisation))),
    )


def _long_enough(*words: str) -> tuple[str, ...]:
    """Without words so short that they are in every second password by chance."""
    plain = (normalised(word).lower() for word in words)
    return tuple(
        word for word in plain if len(word) >= (SHORTEST_WORD if word.isascii() else SHORTEST_CHINESE_WORD)
    )


def _short_name(name: str) -> str:
    """範例航運股份有限公司 → 範例航運."""
    return LEGAL_FORM.sub("", name).strip(" ,.()（）")


def _contains(password: str, words: tuple[str, ...]) -> bool:
    """Also with signs between its letters: Evergreen-Line is in EvergreenLine1!."""
    plain = password.lower()
    dense = NOT_LETTERS_OR_DIGITS.sub("", plain)
    return any(word in plain for word in words) or any(
        word in dense for word in _long_enough(*(NOT_LETTERS_OR_DIGITS.sub("", word) for word in words))
    )


# A forgotten password (資通系統防護基準: a one-time token with a short life)

LINK_LIFE = timedelta(minutes=30)
# A call may come again because its answer was lost.
REPEATED_WITHIN = timedelta(minutes=10)
# In an hour. One source asks for one account; strangers together; devices of the owner; one mailbox for all its
# accounts; and one source for all, which may be an office with many people.
MOST_BY_SOURCE = 5
MOST_BY_STRANGERS = 20
MOST_BY_OWNER = 5
MOST_TO_MAILBOX = 20
MOST_FROM_SOURCE = 60


class TooManyResets(Exception):
    """Asked too often, for this account or from this source; whether there is such an account makes no difference."""


class ResetLinkInvalid(Exception):
    """Unknown, older than half an hour, or voided by another link that was used."""


class ResetLinkUsed(ResetLinkInvalid):
    """A password was set with it. Whoever holds the link may know that much."""


@dataclass(frozen=True)
class NewAsk:
    """A question for a link: name and mailbox as keyed indexes. `known`: from a device of the account's owner."""

    name_index: bytes
    mailbox_index: bytes
    source: str
    known: bool
    asked_at: datetime


@dataclass(frozen=True)
class Asked:
    """How often was asked in the last hour."""

    by_source: int = 0
    by_strangers: int = 0
    by_owner: int = 0
    to_mailbox: int = 0
    from_source: int = 0

    def is_enough(self, *, known: bool) -> bool:
        """Whether no more is sent. What strangers ask for is no part of what the owner's devices may ask for."""
        if known:
            return self.by_owner >= MOST_BY_OWNER
        return (
            self.by_source >= MOST_BY_SOURCE
            or self.by_strangers >= MOST_BY_STRANGERS
            or self.to_mailbox >= MOST_TO_MAILBOX
            or self.from_source >= MOST_FROM_SOURCE
        )


@dataclass(frozen=True)
class ResetLink:
    account_id: UUID
    expires_at: datetime
    used_at: datetime | None = None
    voided_at: datetime | None = None

    def require_valid(self, now: datetime) -> None:
        """Raises ResetLinkUsed, ResetLinkInvalid."""
        if self.used_at is not None:
            raise ResetLinkUsed
        if self.voided_at is not None or now >= self.expires_at:
            raise ResetLinkInvalid

    def was_just_used(self, now: datetime) -> bool:
        return self.used_at is not None and now - self.used_at < REPEATED_WITHIN
