"""Kinds of fields that several calls share, each with its limits: text, names, choices, numbers, tokens."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

from mtnet_contracts.vocabulary.shapes import FROM_GATEWAY, code
from mtnet_contracts.vocabulary.unseen import (
    LINE_ENDS,
    has_half_of_a_pair,
    name_without_unseen,
    without_lonely_marks,
    without_unseen,
)

TOKEN_CHARACTERS = (16, 200)
# An IPv6 address that ends in an IPv4 one.
LONGEST_SOURCE = 45
# An attestation may carry certificates.
LONGEST_CREDENTIAL = 8_000
LARGEST_WHOLE = 2**31 - 1
LONGEST_LIST = 100
# What PostgreSQL and a line cannot hold; tabs are looked at before.
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
# Accents that stand for themselves, also in place of an apostrophe (´): NFKC would make each a blank and a mark.
ACCENTS = re.compile(
    "(["
    + "".join(
        c
        for c in map(chr, [*range(0x80, 0x2100), 0xFFE3])
        if re.match(" .", unicodedata.normalize("NFKC", c))
    )
    + "])"
)


class Characters(fields.String):
    """Text, as it is; NUL, which PostgreSQL cannot hold, and half of a surrogate pair are no text. `longest` counts
    characters.
    """

    default_error_messages = {"no_text": "NOT_VALID"}  # noqa: RUF012 - marshmallow's own form

    def __init__(self, *, longest: int, **options: Any) -> None:
        self.longest = longest
        validators = list(options.pop("validate", []))
        validators.append(code("TOO_LONG", validate.Length(max=longest)))
        super().__init__(validate=validators, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if "\0" in text or has_half_of_a_pair(text):
            raise self.make_error("no_text")
        return text


class Text(Characters):
    """What is typed to be compared or sent, on one line: trimmed, NFKC-normalised (full-width digits become plain),
    without characters that nobody sees.

    What is longer than ten times its limit is too long whatever it holds: cleaning costs time.
    """

    several_lines = False
    default_error_messages = {"one_line": "ONE_LINE", "too_long": "TOO_LONG"}  # noqa: RUF012

    def __init__(self, *, longest: int = 200, **options: Any) -> None:
        if options.get("required"):
            options["validate"] = [code("REQUIRED", validate.Length(min=1)), *options.get("validate", [])]
        super().__init__(longest=longest, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if len(text) > 10 * self.longest + 100:
            raise self.make_error("too_long")
        text = LINE_ENDS.sub("\n", self.cleaned(text)).strip()
        if self.required and not text:
            # What is empty is missing: nothing else is said about it, least of all its length.
            raise ValidationError("REQUIRED")
        if not self.several_lines:
            text = text.replace("\t", " ")
            if "\n" in text:
                raise self.make_error("one_line")
        if CONTROLS.search(text.replace("\n", "").replace("\t", "")):
            raise self.make_error("no_text")
        return text

    @staticmethod
    def cleaned(text: str) -> str:
        parts = ACCENTS.split(without_unseen(text))
        normal = (part if n % 2 else unicodedata.normalize("NFKC", part) for n, part in enumerate(parts))
        # Once more afterwards: some compatibility characters become unseen ones (U+FFA0).
        return without_lonely_marks(without_unseen("".join(normal)))


class Line(Text):
    """A name, a title, an address on one line: full-width punctuation and the shape of an ideograph stay as typed."""

    @staticmethod
    def cleaned(text: str) -> str:
        return without_lonely_marks(name_without_unseen(unicodedata.normalize("NFC", text)))


class Prose(Line):
    """Words on several lines."""

    several_lines = True


class Filename(fields.String):
    """The name of a file as somebody's computer has it: without folders and what would break a header or a line.

    Characters that cannot be seen go too: some of them turn the rest of the name around. Never refused for its
    length: the end, where the extension is, is kept.
    """

    def __init__(self, *, longest: int = 200, **options: Any) -> None:
        self.longest = longest
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        name = unicodedata.normalize("NFC", text).replace("\\", "/").rpartition("/")[2]
        shown = without_lonely_marks(name_without_unseen(name))
        seen = "".join(c for c in shown if unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp")).strip()
        return seen[-self.longest :] or "file"


class EmailAddress(Text):
    """An address that mail can be sent to: ASCII before the @, a domain with a dot behind it. Case is kept before the
    @; the domain, of which case is no part, is written in small letters, so that two spellings are one address.
    """

    # RFC 5321, 4.5.3.1.1, of unquoted letters.
    LOCAL = re.compile(r"[!#$%&'*+\-/=?^_`{|}~.0-9A-Za-z]{1,64}\Z")
    LABEL = re.compile(r"[0-9a-z]([0-9a-z-]{0,61}[0-9a-z])?\Z")
    LONGEST_DOMAIN = 253  # as DNS has it, RFC 1035
    # What names are written with (RFC 5892); a snowman has an address by an older standard only.
    IN_NAMES = frozenset({"Ll", "Lo", "Lm", "Mn", "Mc", "Nd"})
    # Names for use inside a machine or a network: RFC 6761, 6762, 7686, and ICANN's `internal`.
    NO_MAIL = frozenset({"localhost", "local", "invalid", "onion", "internal"})
    default_error_messages = {"address": "EMAIL_INVALID"}  # noqa: RUF012

    def __init__(self, **options: Any) -> None:
        super().__init__(longest=254, metadata={"format": "email"}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if not text or len(text) > self.longest:
            return text
        local, _, domain = text.rpartition("@")
        domain = domain.lower().replace("。", ".")  # which Chinese keyboards write
        try:
            validate.Email()(f"{local}@{domain}")
            labels = domain.encode("idna").decode().lower().split(".")
        except (ValidationError, UnicodeError) as problem:
            raise self.make_error("address") from problem
        if (
            not self.LOCAL.match(local)
            or len(labels) < 2
            or labels[-1] in self.NO_MAIL
            or not all(self.LABEL.match(label) for label in labels)
            or labels[-1].isdigit()
            or len(".".join(labels)) > self.LONGEST_DOMAIN
            or not all(c.isascii() or unicodedata.category(c) in self.IN_NAMES for c in domain)
        ):
            raise self.make_error("address")
        return f"{local}@{domain}"


class Source(Characters):
    """The address a request came from, as the gateway saw it; None where it is not known."""

    def __init__(self) -> None:
        super().__init__(longest=LONGEST_SOURCE, load_default=None, allow_none=True, metadata=FROM_GATEWAY)


class Secret(Characters):
    """A password: exactly as typed, never trimmed, never in a log. Accounts judges its length once it is normalised:
    an `é` may be typed as two characters.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(longest=512, metadata={"format": "password"}, **options)


class Credential(Characters):
    """What a browser made of a passkey, as JSON: exactly as it came."""

    def __init__(self, **options: Any) -> None:
        written_as_json = code("NOT_VALID", validate.Regexp(r"^\{[ -~]*\}\Z"))
        super().__init__(longest=LONGEST_CREDENTIAL, validate=[written_as_json], **options)


class Token(fields.String):
    """An opaque secret handed out by accounts."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            validate=[
                code("NOT_VALID", validate.Length(*TOKEN_CHARACTERS)),
                code("NOT_VALID", validate.Regexp(r"^[!-~]+\Z")),
            ],
            **options,
        )


class Choice(fields.String):
    """One of a few codes."""

    def __init__(self, *choices: str, **options: Any) -> None:
        self.choices = choices
        super().__init__(validate=[code("NOT_A_CHOICE", validate.OneOf(choices))], **options)


class Choices(fields.List[Any]):
    """Some of a few codes, each once, in the order given. `at_least_one` is the code for none."""

    def __init__(self, *choices: str, at_least_one: str, **options: Any) -> None:
        super().__init__(
            Choice(*choices),
            validate=[
                code(at_least_one, validate.Length(min=1)),
                code("TOO_MANY", validate.Length(max=len(choices))),
            ],
            **options,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, list) and len(value) > LONGEST_LIST:
            raise ValidationError(["TOO_MANY"])
        return list(dict.fromkeys(super()._deserialize(value, attr, data, **kwargs)))


class Several(fields.List[Any]):
    """A list of at most `most`, judged before its items are."""

    def __init__(self, inner: fields.Field[Any], *, most: int, **options: Any) -> None:
        self.most = most
        validators = [*options.pop("validate", []), code("TOO_MANY", validate.Length(max=most))]
        super().__init__(inner, validate=validators, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, list) and len(value) > self.most:
            raise ValidationError(["TOO_MANY"])
        return super()._deserialize(value, attr, data, **kwargs)


class Whole(fields.Integer):
    """A whole number within limits, as a number or in digits; 1.0, "1_0" and True are none."""

    DIGITS = re.compile(r"-?[0-9]{1,10}\Z")

    def __init__(self, *, least: int = 0, most: int = LARGEST_WHOLE, **options: Any) -> None:
        super().__init__(validate=[code("NOT_VALID", validate.Range(min=least, max=most))], **options)

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise self.make_error("invalid")
        if isinstance(value, str) and not self.DIGITS.match(value):
            raise self.make_error("invalid")
        return int(value)


class RawAnswers(fields.Dict):
    """A section's answers, as they came: names with text, yes or no, numbers, or lists of texts. What they mean is
    judged by the section's shape; here only that they are few and small.
    """

    MOST = 40
    LONGEST_NAME = 40
    LONGEST_VALUE = 10_000

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        found: Any = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        if len(found) > self.MOST:
            raise ValidationError(["TOO_MANY"])
        faults = {}
        for name, answer in found.items():
            if not isinstance(name, str) or len(name) > self.LONGEST_NAME or has_half_of_a_pair(name):
                raise ValidationError(["NOT_VALID"])
            if fault := self._fault(answer):
                faults[name] = [fault]
        if faults:
            raise ValidationError(faults)
        return found

    def _fault(self, answer: Any) -> str | None:
        parts = answer if isinstance(answer, list) else [answer]
        if len(parts) > LONGEST_LIST:
            return "TOO_MANY"
        for part in parts:
            if isinstance(part, str):
                if len(part) > self.LONGEST_VALUE:
                    return "TOO_LONG"
                if has_half_of_a_pair(part):
                    return "NOT_VALID"
            elif isinstance(part, int):
                if abs(part) > LARGEST_WHOLE:
                    return "NOT_VALID"
            elif part is not None:
                return "NOT_VALID"
        return None


class Versions(fields.Dict):
    """What is stored now, by name: what was seen before a change or a submission."""

    def __init__(self, *names: str, **options: Any) -> None:
        super().__init__(
            keys=Choice(*names),
            values=Text(longest=100),
            validate=[code("TOO_MANY", validate.Length(max=len(names)))],
            **options,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, Mapping) and len(value) > LONGEST_LIST:
            raise ValidationError(["TOO_MANY"])
        return super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]


class Day(fields.Date):
    """A Taipei day, `2026-11-26`, of the years 2000 to 2099."""

    def __init__(self, **options: Any) -> None:
        limits = code("NOT_VALID", validate.Range(date(2000, 1, 1), date(2099, 12, 31)))
        super().__init__(format="%Y-%m-%d", validate=[limits], **options)


class Instant(fields.AwareDateTime):
    """A UTC instant, ISO 8601."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)


class Moment(Instant):
    """An instant that is asked for, of the years 2000 to 2099: `2026-11-26T09:00:00+08:00`."""

    LONGEST = 40

    def __init__(self, **options: Any) -> None:
        limits = code(
            "NOT_VALID",
            validate.Range(
                datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC), max_inclusive=False
            ),
        )
        super().__init__(validate=[limits], **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str) or len(value) > self.LONGEST:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return super()._deserialize(value, attr, data, **kwargs)


class AccountName(Text):
    """8 to 20 letters and digits; capitals make no other name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            longest=40,
            validate=[
                code("ACCOUNT_LENGTH", validate.Length(min=8, max=20)),
                code("ACCOUNT_CHARACTERS", validate.Regexp(r"^[A-Za-z0-9]*\Z")),
            ],
            **options,
        )


class IdNumber(Text):
    """身分證字號, or the number of a resident certificate; accounts knows its check digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(longest=20, **options)


class UnifiedBusinessNumber(Text):
    """統一編號 of a company or public body; accounts knows its check digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(longest=20, **options)


class Telephone(Text):
    """A telephone number as people write it; accounts makes it one that can be dialled from anywhere."""

    def __init__(self, **options: Any) -> None:
        super().__init__(longest=30, **options)


class Mobile(Telephone):
    """A telephone that receives text messages."""
