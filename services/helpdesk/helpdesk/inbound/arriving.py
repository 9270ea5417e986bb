"""What arrives by event or call is kept as JSON first, too: messages of LINE, the form of the portal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.data.files import FileNotThere, Files
from mtnet_contracts.vocabulary.dates import taipei_day
from mtnet_contracts.vocabulary.desk import MOST_DESK_FILES
from mtnet_contracts.vocabulary.limits import LARGEST_FILE_BYTES

from helpdesk.file_checks.rules import FileEmpty, FileMissing, FileTooLarge
from helpdesk.inbound import messages
from helpdesk.inbound.actions import record
from helpdesk.inbound.keeping import Raw, item_id_of, keep, keep_in
from helpdesk.inbound.messages import LineMessageReceived
from helpdesk.inbound.rules import (
    MOST_FORMS_OF_ONE_ADDRESS,
    MOST_FORMS_OF_ONE_SOURCE,
    RATE_WINDOW,
    Channel,
    FormsEnough,
    sender_of_form,
    source_key,
)
from helpdesk.inbound.store import InboundStore
from helpdesk.inbound.understanding import Reader
from helpdesk.tickets import actions as tickets


def keep_line_message(tx: Tx, event: LineMessageReceived, now: datetime) -> None:
    """Once for LINE's own id of the event."""
    content = json.dumps(messages.told_of_line(event), ensure_ascii=False).encode()
    keep_in(tx, [Raw(Channel.LINE, f"line:{event.webhook_event_id}", content, event.sent_at)], now)


def receive_form(
    database: Transactions, files: Files, reader: Reader, form: Mapping[str, Any], now: datetime
) -> dict[str, str]:
    """Kept, then understood at once: the person is shown the number. What is said twice on one day is one form.

    Raises FormsEnough, FileMissing, FileEmpty, FileTooLarge.
    """
    told = {**form, "files": [_checked(files, each) for each in form["uploads"][:MOST_DESK_FILES]]}
    del told["uploads"]
    told["source"] = source_key(form["source"] or "")
    content = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
    key = _dedupe_key(told, [each["sha256"] for each in form["uploads"]], now)
    with database.transaction() as tx:
        if InboundStore(tx).ticket_of(item_id_of(key)) is None:
            _require_few(tx, told, now)
    keep(database, files, [Raw(Channel.WEB, key, content, now)], now)
    with database.transaction() as tx:
        item = InboundStore(tx).item(item_id_of(key))
    understood = reader.understood(item, patient=False)
    with database.transaction() as tx:
        record(tx, [understood], now)
        ticket_id = InboundStore(tx).ticket_of(item.item_id)
        if ticket_id is None:
            raise FormsEnough
        ticket = tickets.ticket(tx, ticket_id)
    return {"number": ticket.number, "link_token": ticket.link_token}


def _dedupe_key(told: Mapping[str, Any], digests: Sequence[str], now: datetime) -> str:
    """Of what somebody said, from where, on one day in Taipei. Files count by what they hold: each time that a form
    is sent they lie in another place, and a telephone may give a picture another name.
    """
    said = {**told, "files": sorted(digests), "day": taipei_day(now).isoformat()}
    return f"form:{hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()}"


def _checked(files: Files, upload: Mapping[str, Any]) -> dict[str, Any]:
    try:
        size = files.size(upload["upload_key"])
    except FileNotThere:
        raise FileMissing from None
    if size == 0:
        raise FileEmpty
    if size > LARGEST_FILE_BYTES:
        raise FileTooLarge
    return {"upload_key": upload["upload_key"], "filename": upload["filename"], "size": size}


def _require_few(tx: Tx, told: Mapping[str, Any], now: datetime) -> None:
    store, since = InboundStore(tx), now - RATE_WINDOW
    address, source = sender_of_form(told["email"], told["phone"]), told["source"]
    counted = store.counts_since([address], "address_key", since, MOST_FORMS_OF_ONE_ADDRESS)
    if counted.get(address, 0) >= MOST_FORMS_OF_ONE_ADDRESS:
        raise FormsEnough
    counted = store.counts_since([source], "thread_key", since, MOST_FORMS_OF_ONE_SOURCE)
    if counted.get(source, 0) >= MOST_FORMS_OF_ONE_SOURCE:
        raise FormsEnough
