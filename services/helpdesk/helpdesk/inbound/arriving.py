"""What arrives by event or call is kept as JSON, in the same transaction as the event's own record."""

from __future__ import annotations

import json
from datetime import datetime

from mtnet_chassis.data.database import Tx

from helpdesk.inbound import messages
from helpdesk.inbound.keeping import Raw, keep_in
from helpdesk.inbound.messages import LineMessageReceived
from helpdesk.inbound.rules import Channel


def keep_line_message(tx: Tx, event: LineMessageReceived, now: datetime) -> None:
    """Once for LINE's own id of the event."""
    content = json.dumps(messages.told_of_line(event), ensure_ascii=False).encode()
    keep_in(tx, [Raw(Channel.LINE, f"line:{event.webhook_event_id}", content, event.sent_at)], now)
