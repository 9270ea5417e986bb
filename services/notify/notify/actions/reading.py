"""What an operator sees: deliveries and their attempts, without the text and with masked recipients."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from mtnet_contracts.vocabulary.masking import masked_recipient

from notify.store import Store


def deliveries(
    store: Store, *, state: str | None, subject_id: UUID | None, page: int, page_size: int
) -> dict[str, Any]:
    lines, total = store.deliveries(state, subject_id, page_size, (page - 1) * page_size)
    attempts = store.attempts_of([line.message_id for line in lines])
    items = [
        asdict(line)
        | {
            "recipient": masked_recipient(line.recipient),
            "attempts": [
                attempt
                for attempt in attempts
                if (attempt.message_id, attempt.channel) == (line.message_id, line.channel)
            ],
        }
        for line in lines
    ]
    return {"items": items, "page": page, "page_size": page_size, "total": total}
