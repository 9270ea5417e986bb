"""Kinds of fields that several calls share: text within limits, choices, e-mail, tokens, pages."""

import unicodedata
from typing import Any

from marshmallow import fields, validate

from mtnet_contracts.calls.call import Shape, code

TOKEN_CHARACTERS = (16, 200)
# Controls, format characters, halves of pairs, ends of lines and paragraphs; characters of one's own (Co) are names.
UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


class Text(fields.String):
    """Text as people type it: trimmed, NFKC-normalised (full-width digits become plain), within limits."""

    def __init__(self, *, longest: int = 200, **options: Any) -> None:
        self.longest = longest
        validators = list(options.pop("validate", []))
        validators.append(code("TOO_LONG", validate.Length(max=longest)))
        if options.get("required"):
            validators.append(code("REQUIRED", validate.Length(min=1)))
        super().__init__(validate=validators, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        text = unicodedata.normalize("NFKC", text).replace("\r\n", "\n").strip()
        if any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in text):
            raise self.make_error("invalid")
        return text


class Prose(Text):
    """Longer text whose full-width punctuation is kept as typed."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text: str = fields.String._deserialize(self, value, attr, data, **kwargs)
        text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
        if any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in text):
            raise self.make_error("invalid")
        return text


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
        seen = "".join(c for c in name if unicodedata.category(c) not in UNSEEN).strip()
        return seen[-self.longest :] or "file"


class EmailAddress(Text):
    """An address that mail can be sent to; case kept, spaces around dropped."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            longest=254,
            validate=[code("EMAIL_INVALID", validate.Email())],
            metadata={"format": "email"},
            **options,
        )


class Secret(fields.String):
    """A password: exactly as typed, never trimmed or normalised, never in a log."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            validate=[code("TOO_LONG", validate.Length(max=128))], metadata={"format": "password"}, **options
        )


class Token(fields.String):
    """An opaque secret handed out by accounts."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validate=[code("NOT_VALID", validate.Length(*TOKEN_CHARACTERS))], **options)


class Choice(fields.String):
    """One of a few codes."""

    def __init__(self, *choices: str, **options: Any) -> None:
        self.choices = choices
        super().__init__(validate=[code("NOT_A_CHOICE", validate.OneOf(choices))], **options)


class Instant(fields.AwareDateTime):
    """A UTC instant, ISO 8601."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)


class PageRequest(Shape):
    """Which page of a list; pages count from 1."""

    page = fields.Integer(load_default=1, validate=[code("NOT_VALID", validate.Range(min=1, max=100_000))])
    page_size = fields.Integer(load_default=25, validate=[code("NOT_VALID", validate.Range(min=1, max=100))])


class PageReply(Shape):
    """How many there are in all."""

    page = fields.Integer(required=True)
    page_size = fields.Integer(required=True)
    total = fields.Integer(required=True)
