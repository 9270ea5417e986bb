"""The bytes of a mail → Mail. Whatever they are, something comes out: what cannot be read is named in `problems`.

Pure. A mail may take seconds where it is large or hostile: then it is read in a child process (tasks.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import getaddresses, parseaddr

from mtnet_contracts.vocabulary.limits import LARGEST_FILE_BYTES

from helpdesk.file_checks.rules import safe_name
from helpdesk.inbound.charsets import decoded
from helpdesk.inbound.quoting import without_quotes
from helpdesk.inbound.rules import (
    ADDRESS,
    JUDGED,
    LARGEST_RAW_BYTES,
    LONGEST_MESSAGE_ID,
    LONGEST_NAME,
    LONGEST_READ_TEXT,
    LONGEST_SUBJECT,
    MOST_FILES,
    MOST_REFERENCES,
    UNKNOWN_SENDER,
    Mail,
    Part,
    Problem,
    dedupe_key,
    masked_addresses,
)

# Below both, a mail is read where it is; above, in a child process.
SMALL_BYTES = 256 * 1024
FEW_BOUNDARIES = 20
# Nobody's program nests so much; the library takes time by the product of lines and levels.
MOST_BOUNDARIES = 100
MOST_PARTS = 200
MOST_DEPTH = 15
LONGEST_HEADERS = 256 * 1024
LONGEST_HEADER = 8_000
MOST_RECIPIENTS = 50
LARGEST_TEXT_PART = 2 * 1024 * 1024
TEXTS = ("text/plain", "text/html", "text/enriched")
ADDRESSED_IN = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
SHOWN_HEADERS = (
    "From", "To", "Subject", "Date", "Reply-To", "Return-Path", "Auto-Submitted", "Precedence", "List-Id", "X-Loop",
)  # fmt: skip
LONGEST_SHOWN_HEADER = 300
END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
ENCODED_WORD = re.compile(r"=\?[^?\s]{1,60}\?[bq]\?[^?\s]*\?=", re.I)
BOUNDARY = re.compile(rb"boundary\s*=", re.I)
UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad]")
BLANK_LINES = re.compile(r"\n{3,}")
MESSAGE_ID = re.compile(r"<[^<>\s]{1,248}>")

HtmlToText = Callable[[str], str]


@dataclass
class _Found:
    """What the parts of one mail were found to hold."""

    texts: list[str] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seen: int = 0

    def say(self, problem: Problem) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def is_small(raw: bytes) -> bool:
    return len(raw) <= SMALL_BYTES and len(BOUNDARY.findall(raw)) <= FEW_BOUNDARIES


def key_of(raw: bytes) -> str:
    """The dedupe key of a mail, from its bytes alone."""
    split = END_OF_HEADERS.search(raw)
    head, body = (raw[: split.start()], raw[split.end() :]) if split else (raw, b"")
    headers = _headers(head)
    told = [str(_raw(headers, name)) for name in ("Message-ID", "From", "Date", "Subject")]
    return dedupe_key(told[0], told[1], told[2], told[3], body)


def shown_headers(head: bytes) -> list[tuple[str, str]]:
    """Those by which a person tells what a mail is, with every address masked."""
    split = END_OF_HEADERS.search(head)
    headers = _headers(head[: split.start()] if split else head)
    told = ((name, header_text(str(_raw(headers, name)))) for name in SHOWN_HEADERS)
    return [(name, masked_addresses(value)[:LONGEST_SHOWN_HEADER]) for name, value in told if value]


def read_mail(
    raw: bytes, html_to_text: HtmlToText, *, envelope: tuple[str, ...] = (), readable: bool = True
) -> Mail:
    """`envelope`: recipients that the server told, where it did. `readable` False: only its headers are here."""
    problems: list[str] = []
    if len(raw) > LARGEST_RAW_BYTES:
        problems.append(Problem.TOO_LARGE)
        raw = raw[:LARGEST_RAW_BYTES]
    split = END_OF_HEADERS.search(raw)
    head = raw[: split.start()] if split else raw
    headers = _headers(head)
    found = _Found(problems=problems)
    try:
        if not readable or len(head) > LONGEST_HEADERS or len(BOUNDARY.findall(raw)) > MOST_BOUNDARIES:
            raise RecursionError
        message = message_from_bytes(raw, policy=compat32)
        _take(message, found, html_to_text, 0)
    except (RecursionError, MessageError, ValueError, LookupError, TypeError, AttributeError, IndexError):
        # The library does not foresee everything that strangers write. The raw mail is kept.
        found.say(Problem.NOT_READABLE)
    return _composed(headers, found, envelope)


def _composed(headers: Message, found: _Found, envelope: tuple[str, ...]) -> Mail:
    name, address = _sender(headers)
    if not address:
        found.say(Problem.NO_SENDER)
    text = tidy("\n\n".join(each for each in found.texts if each.strip()))
    if len(text) > LONGEST_READ_TEXT:
        text = text[:LONGEST_READ_TEXT]
        found.say(Problem.SHORTENED)
    own, quoted = without_quotes(text)
    return Mail(
        message_id=next(iter(_message_ids(_raw(headers, "Message-ID"))), ""),
        address=address or UNKNOWN_SENDER,
        name=name,
        subject=header_text(_raw(headers, "Subject"))[:LONGEST_SUBJECT],
        text=own,
        quoted=quoted,
        references=_references(headers),
        recipients=_recipients(headers, envelope),
        files=tuple(found.files),
        problems=tuple(found.problems),
        headers={each: header_text(_raw(headers, each))[:500] for each in JUDGED if each in headers},
        content_type=headers.get_content_type(),
    )


def _headers(head: bytes) -> Message:
    return BytesHeaderParser(policy=compat32).parsebytes(head[:LONGEST_HEADERS] + b"\r\n\r\n")


def _raw(headers: Message, name: str) -> str:
    """As the library keeps it: bytes that are not ASCII are surrogates."""
    wanted = name.lower()
    return next(
        (str(value)[:LONGEST_HEADER] for key, value in headers.raw_items() if key.lower() == wanted), ""
    )


def header_text(raw: str) -> str:
    """Encoded words (RFC 2047) and raw bytes of any character set, on one line, without what cannot be seen."""
    unfolded = re.sub(r"\r?\n[ \t]*", " ", raw)
    if ENCODED_WORD.search(unfolded):
        try:
            pieces = [
                decoded(content, charset or "")[0] if isinstance(content, bytes) else content
                for content, charset in decode_header(unfolded)
            ]
            unfolded = "".join(pieces)
        except (HeaderParseError, ValueError):
            pass
    unfolded = decoded_bytes(unfolded)
    return " ".join(UNSEEN.sub("", unfolded).replace("\x00", "").split())


def _sender(headers: Message) -> tuple[str, str]:
    """Name and address; the address is empty where there is none."""
    for header in ("From", "Sender", "Return-Path"):
        name, address = parseaddr(decoded_bytes(_raw(headers, header)))
        address = address.strip().strip("<>")
        if ADDRESS.fullmatch(address) and len(address) <= 254:
            return header_text(name)[:LONGEST_NAME], address
    return header_text(parseaddr(_raw(headers, "From"))[0])[:LONGEST_NAME], ""


def decoded_bytes(raw: str) -> str:
    """A header on one line; bytes that are not ASCII, which the library keeps as surrogates, are some character set.

    Encoded words stay: what is in them may hide commas and brackets.
    """
    unfolded = re.sub(r"\r?\n[ \t]*", " ", raw)
    if any("\udc80" <= each <= "\udcff" for each in unfolded):
        return decoded(unfolded.encode("utf-8", "surrogateescape"), "")[0]
    return unfolded


def _references(headers: Message) -> tuple[str, ...]:
    """The nearest first: what is answered, then its history from its end."""
    answered = _message_ids(_raw(headers, "In-Reply-To"))
    history = _message_ids(_raw(headers, "References"))
    return tuple(dict.fromkeys([*answered[:1], *reversed(history), *answered]))[:MOST_REFERENCES]


def _message_ids(text: str) -> list[str]:
    return [each for each in MESSAGE_ID.findall(text) if len(each) <= LONGEST_MESSAGE_ID and each.isascii()]


def _recipients(headers: Message, envelope: tuple[str, ...]) -> tuple[str, ...]:
    written = [
        str(value)[:LONGEST_HEADER]
        for key, value in headers.raw_items()
        if key in ADDRESSED_IN or key.title() in ADDRESSED_IN
    ]
    addresses = [
        address for _, address in getaddresses(written[:MOST_RECIPIENTS]) if ADDRESS.fullmatch(address)
    ]
    return tuple(dict.fromkeys([*envelope, *addresses]))[:MOST_RECIPIENTS]


# Parts


def _take(part: Message, found: _Found, html_to_text: HtmlToText, depth: int) -> None:
    found.seen += 1
    if found.seen > MOST_PARTS or depth > MOST_DEPTH:
        found.say(Problem.TOO_MANY_PARTS)
        return
    kind = part.get_content_type()
    if kind == "multipart/encrypted":
        found.say(Problem.ENCRYPTED)
    if kind == "multipart/alternative" and part.is_multipart():
        _take_alternative(part, found, html_to_text, depth)
    elif part.get_content_maintype() == "multipart" and part.is_multipart():
        for each in _children(part):
            _take(each, found, html_to_text, depth + 1)
    elif _is_text(part):
        found.texts.append(_text_of(part, found, html_to_text))
    else:
        _take_file(part, found)


def _take_alternative(part: Message, found: _Found, html_to_text: HtmlToText, depth: int) -> None:
    """The plain text where it says something, else the richest that does (RFC 2046, 5.1.4: the last is the best)."""
    tried: list[tuple[bool, _Found]] = []
    for each in _children(part):
        inner = _Found(seen=found.seen)
        _take(each, inner, html_to_text, depth + 1)
        found.seen = inner.seen
        tried.append((each.get_content_type() == "text/plain", inner))
        for problem in inner.problems:
            found.say(Problem(problem))
    speaking = [(plain, inner) for plain, inner in tried if any(text.strip() for text in inner.texts)]
    chosen = next((inner for plain, inner in speaking if plain), speaking[-1][1] if speaking else None)
    if chosen is not None:
        found.texts += chosen.texts
    for _, inner in tried:
        for file in inner.files:
            _keep(file, found)


def _file_name(part: Message) -> str:
    """From Content-Disposition or Content-Type (RFC 2231, RFC 2047, or raw bytes of any character set)."""
    named = Message(policy=compat32)
    for header in ("Content-Disposition", "Content-Type"):
        if raw := _raw(part, header):
            named[header] = decoded_bytes(raw)
    return header_text(named.get_filename() or "")


def _children(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    for each in payload if isinstance(payload, list) else []:
        if isinstance(each, Message):
            yield each


def _is_text(part: Message) -> bool:
    if (
        part.get_content_type() not in ("text/plain", "text/html", "text/enriched")
        and part.get_content_maintype() != "multipart"
    ):
        return False
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    return not disposition.startswith("attachment") and not _file_name(part)


def _text_of(part: Message, found: _Found, html_to_text: HtmlToText) -> str:
    content = _bytes_of(part)
    if len(content) > LARGEST_TEXT_PART:
        content = content[:LARGEST_TEXT_PART]
        found.say(Problem.SHORTENED)
    text, whole = decoded(content, str(part.get_param("charset") or ""))
    if not whole:
        found.say(Problem.CHARACTERS_LOST)
    if part.get_content_type() == "text/html":
        return html_to_text(text)
    if str(part.get_param("format") or "").lower() == "flowed":
        return _unflowed(text, delsp=str(part.get_param("delsp") or "").lower() == "yes")
    return text


def _unflowed(text: str, *, delsp: bool) -> str:
    """RFC 3676: a line that ends in a space goes on in the next."""
    lines: list[str] = []
    flows = False
    for line in text.replace("\r\n", "\n").split("\n"):
        line = line.removeprefix(" ")
        if flows and not line.startswith(">") and line != "-- ":
            lines[-1] += line
        else:
            lines.append(line)
        flows = line.endswith(" ") and line != "-- " and not line.startswith(">")
        if flows and delsp:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)


def _bytes_of(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _take_file(part: Message, found: _Found) -> None:
    kind = part.get_content_type()
    if kind == "message/rfc822":
        inner = next(_children(part), None)
        content = inner.as_bytes() if inner is not None else b""
        subject = header_text(_raw(inner, "Subject")) if inner is not None else ""
        name = _file_name(part) or f"{subject[:60] or 'mail'}.eml"
    else:
        content = _bytes_of(part) if not part.is_multipart() else part.as_bytes()
        name = _file_name(part) or _name_for(kind)
    if not content:
        return
    if kind == "application/ms-tnef" or name.lower() == "winmail.dat":
        found.say(Problem.WINMAIL)
    _keep(Part(name, kind, content if len(content) <= LARGEST_FILE_BYTES else b"", len(content)), found)


def _keep(file: Part, found: _Found) -> None:
    if len(found.files) >= MOST_FILES:
        found.say(Problem.TOO_MANY_FILES)
        return
    name = safe_name(file.name, len(found.files) + 1)
    found.files.append(Part(name, file.declared_type, file.content, file.size))


NAMES = {
    "text/calendar": "invitation.ics", "message/delivery-status": "report.txt", "text/rfc822-headers": "headers.txt",
    "application/pdf": "document.pdf", "image/tiff": "fax.tiff", "image/jpeg": "picture.jpg",
    "image/png": "picture.png", "text/plain": "text.txt",
}  # fmt: skip


def _name_for(kind: str) -> str:
    return NAMES.get(kind, "")


def tidy(text: str) -> str:
    """One kind of line end, nothing that is not seen, no more than one empty line."""
    plain = UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).replace("\u00a0", " ")
    plain = "".join(each for each in plain if each in "\n\t" or (each >= " " and each != "\x7f"))
    return BLANK_LINES.sub("\n\n", "\n".join(line.rstrip() for line in plain.split("\n"))).strip()
