"""What an item means: one Inbound for the tickets, or the reason why it is none. Files are checked and stored here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid5

import phonenumbers
from mtnet_chassis.data.files import FileNotThere, Files
from mtnet_chassis.runtime.child import WorkerFailed
from mtnet_chassis.telemetry import logger
from mtnet_contracts.vocabulary.limits import LARGEST_FILE_BYTES
from mtnet_contracts.vocabulary.ticket_numbers import ticket_number_in

from helpdesk.file_checks.adapters import Scanner, ScannerAway
from helpdesk.file_checks.rules import HeldBack, StoredFile, kind_of, safe_name
from helpdesk.inbound import messages, rules
from helpdesk.inbound.adapters import PAGED, drawn_pages, read_apart, text_of_html
from helpdesk.inbound.reading import is_small, read_mail
from helpdesk.inbound.rules import Channel, Mail, OurAddresses, Part, Problem
from helpdesk.inbound.store import StoredItem
from helpdesk.tickets.rules import LONGEST_TEXT, MOST_FILES, Inbound

# While nobody can look for viruses, things wait so long; then they come in without their files.
SCANNER_PATIENCE = timedelta(minutes=10)

log = logger()


@dataclass(frozen=True)
class Understood:
    """`own`: the portal wrote it itself. `address_key` and `thread_key` are counted, against loops."""

    item: StoredItem
    inbound: Inbound
    own: bool = False
    address_key: str = ""
    thread_key: str = ""


class Reader:
    """Reads items. `scanner` None: nobody looks for viruses, and files say so."""

    def __init__(
        self, files: Files, scanner: Scanner | None, ours: OurAddresses, clock: Callable[[], datetime]
    ) -> None:
        self.files, self.scanner, self._ours, self._clock = files, scanner, ours, clock

    def understood(self, item: StoredItem, *, plainly: bool = False, patient: bool = True) -> Understood:
        """`plainly`: it could not be understood so often that it comes in as one file with its reason.
        `patient` False: somebody waits for it; it does not wait for whoever looks for viruses.

        Raises ScannerAway, OSError, FileNotThere; and whatever nobody has thought of.
        """
        raw = item.raw if item.raw is not None else self.files.get(item.raw_key or "")
        if item.channel == Channel.EMAIL:
            return self._of_mail(item, raw, plainly)
        told = json.loads(raw)
        if item.channel == Channel.LINE:
            return self._of_line(item, told)
        return self._of_form(item, told, patient)

    def _of_mail(self, item: StoredItem, raw: bytes, plainly: bool) -> Understood:
        mail = self._read(item, raw, plainly)
        fax = rules.is_fax(mail, self._ours)
        files = [*mail.files, *_original(mail, raw)]
        stored = self._stored_files(item, files, paged=fax)
        problems = list(mail.problems)
        if item.size > rules.LARGEST_RAW_BYTES and Problem.TOO_LARGE not in problems:
            problems.append(Problem.TOO_LARGE)
        if fax and not any(each.pages for each in stored):
            problems.append(Problem.NO_PAGES)
        number = _e164(rules.fax_number(mail)) if fax else ""
        token = rules.link_token(mail.recipients, self._ours)
        inbound = Inbound(
            item_id=item.item_id,
            channel=Channel.FAX if number else Channel.EMAIL,
            address=number or mail.address,
            name="" if number else mail.name,
            subject="" if number else mail.subject,
            text="" if number else mail.text[:LONGEST_TEXT],
            quoted="" if number else mail.quoted[:LONGEST_TEXT],
            truncated=is_truncated(mail),
            problems=tuple(problems),
            references=mail.references,
            ticket_number=ticket_number_in(mail.subject),
            link_token=token or None,
            attachments=tuple(stored),
            automatic=not fax and rules.is_automatic(mail),
            spam=not fax and rules.is_spam(mail, self._ours),
            locale=rules.locale_of_fax(number) if number else rules.locale_of(f"{mail.subject} {mail.text}"),
            received_at=item.received_at,
            message_id=mail.message_id or None,
            acknowledge=not number and rules.may_be_acknowledged(mail, self._ours),
        )
        thread = token or next(iter(mail.references), "") or ticket_number_in(mail.subject) or ""
        return Understood(
            item,
            inbound,
            own=not fax and rules.is_own(mail, self._ours),
            address_key=rules.sender_key(inbound.channel, inbound.address),
            thread_key=thread[: rules.LONGEST_KEY],
        )

    def _read(self, item: StoredItem, raw: bytes, plainly: bool) -> Mail:
        if not plainly:
            try:
                if is_small(raw):
                    return read_mail(raw, text_of_html, envelope=item.envelope)
                return read_apart(raw, item.envelope)
            except WorkerFailed as problem:
                log.warning("mail not readable", item=str(item.item_id), problem=str(problem)[:100])
        # Its headers alone say who wrote it; the rest is for a person to look at.
        return read_mail(rules.head_of(raw), text_of_html, envelope=item.envelope, readable=False)

    def _of_line(self, item: StoredItem, told: dict[str, Any]) -> Understood:
        inbound = messages.of_line(item.item_id, item.received_at, told)
        stored = self._stored_files(item, self._parts(told.get("files", ())), paged=False)
        return Understood(
            item,
            messages.with_files(inbound, stored),
            address_key=rules.sender_key(inbound.channel, inbound.address),
        )

    def _parts(self, files: Sequence[dict[str, Any]]) -> list[Part]:
        """Those that others put into the store, read."""
        return [
            Part(
                safe_name(each["filename"], number),
                "",
                self._upload(each["upload_key"]),
                each["size"],
            )
            for number, each in enumerate(files, start=1)
        ]

    def _of_form(self, item: StoredItem, told: dict[str, Any], patient: bool) -> Understood:
        inbound = messages.of_form(
            item.item_id,
            item.received_at,
            told,
            acknowledge=rules.may_be_written_to(told["email"] or "", self._ours),
        )
        stored = self._stored_files(item, self._parts(told["files"]), paged=False, patient=patient)
        return Understood(
            item,
            messages.with_files(inbound, stored),
            address_key=rules.sender_of_form(told["email"], told["phone"]),
            thread_key=told["source"],
        )

    def _upload(self, key: str) -> bytes:
        """Empty where it is gone: the gateway keeps uploads no longer than it waits for an answer."""
        try:
            return self.files.get(key)
        except FileNotThere:
            return b""

    def _stored_files(
        self, item: StoredItem, parts: Sequence[Part], *, paged: bool, patient: bool = True
    ) -> list[StoredFile]:
        patient = patient and self._clock() - item.received_at < SCANNER_PATIENCE
        return [
            self._stored(item, number, part, paged, patient)
            for number, part in enumerate(parts[:MOST_FILES], start=1)
        ]

    def _stored(self, item: StoredItem, number: int, part: Part, paged: bool, patient: bool) -> StoredFile:
        """The same key each time that it is tried. What is kept back is not stored: the raw mail has it. What nobody
        has looked at is stored, and opened by nobody until somebody has."""
        key = f"helpdesk/inbound/{item.item_id}/{number}"
        kind = kind_of(part.name, part.content)
        held_back = self._held_back(part, kind, patient)
        pages: list[bytes] = []
        if held_back in ("", HeldBack.NOT_SCANNED):
            self.files.put(key, part.content)
        if not held_back and paged and kind in PAGED:
            pages = drawn_pages(kind, part.content)
        for page, content in enumerate(pages, start=1):
            self.files.put(f"{key}-{page}.png", content)
        return StoredFile(
            file_id=uuid5(item.item_id, str(number)),
            filename=part.name,
            media_type=kind or "application/octet-stream",
            size=part.size,
            sha256=hashlib.sha256(part.content).hexdigest(),
            key=key,
            held_back=held_back,
            pages=len(pages),
        )

    def _held_back(self, part: Part, kind: str, patient: bool) -> str:
        """Why nobody may open it; empty where everybody may. Raises ScannerAway while there is patience left."""
        if part.size > len(part.content):
            return HeldBack.TOO_LARGE if part.size > LARGEST_FILE_BYTES else HeldBack.MISSING
        try:
            if self.scanner is not None and self.scanner.is_infected(part.content):
                return HeldBack.INFECTED
        except ScannerAway:
            if patient:
                raise
            return HeldBack.NOT_SCANNED
        return "" if kind else HeldBack.KIND


def is_truncated(mail: Mail) -> bool:
    """Whether the mail has more than the thread will show of it."""
    return max(len(mail.text), len(mail.quoted)) > LONGEST_TEXT or Problem.SHORTENED in mail.problems


def _original(mail: Mail, raw: bytes) -> list[Part]:
    """The mail itself, where it is more than what the thread shows of it."""
    if (
        not (mail.problems or is_truncated(mail))
        or len(raw) > LARGEST_FILE_BYTES
        or len(mail.files) >= MOST_FILES
    ):
        return []
    return [Part("original.eml", "message/rfc822", raw, len(raw))]


def _e164(number: str) -> str:
    """Empty where it is no number that can be called."""
    try:
        parsed = phonenumbers.parse(number, "TW")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
