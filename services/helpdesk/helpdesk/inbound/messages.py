"""The border: what notify and the web form tell → the tickets' Inbound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_contracts.events import LineMessageReceived

from helpdesk.file_checks.rules import StoredFile
from helpdesk.inbound.rules import Channel, line_problem, locale_of
from helpdesk.tickets.rules import Inbound


def told_of_line(event: LineMessageReceived) -> dict[str, Any]:
    """What is kept of the event, as JSON."""
    told: dict[str, Any] = {
        "address": event.line_user_id,
        "kind": event.kind,
        "text": event.text,
        "at": event.sent_at.isoformat(),
    }
    if event.file is not None:
        told["files"] = [
            {"upload_key": event.file.key, "filename": event.file.filename, "size": event.file.size}
        ]
    if event.not_fetched:
        told["not_fetched"] = event.not_fetched
    return told


def of_line(item_id: UUID, received_at: datetime, told: dict[str, Any]) -> Inbound:
    """What is no text, and came without its file, is named: the desk asks for it by another way."""
    return Inbound(
        item_id=item_id,
        channel=Channel.LINE,
        address=told["address"],
        name="",
        subject="",
        text=told["text"],
        locale=locale_of(told["text"]),
        received_at=received_at,
        problems=()
        if told["kind"] == "text" or told.get("files")
        else (line_problem(told["kind"], told.get("not_fetched", "")),),
    )


def of_form(item_id: UUID, received_at: datetime, told: dict[str, Any], *, acknowledge: bool) -> Inbound:
    return Inbound(
        item_id=item_id,
        channel=Channel.WEB,
        address=told["email"] or told["phone"] or "",
        name=told["name"],
        subject=told["subject"],
        text=told["text"],
        spam=told["suspicious"],
        locale=told["locale"],
        received_at=received_at,
        category=told["category"],
        acknowledge=acknowledge,
    )


def with_files(inbound: Inbound, files: Sequence[StoredFile]) -> Inbound:
    return replace(inbound, attachments=tuple(files))


__all__ = ["LineMessageReceived", "of_form", "of_line", "told_of_line", "with_files"]
