"""What somebody wrote in the chat, told to the helpdesk: at once, or with its file."""

from mtnet_contracts.events import LineFile, LineMessageReceived

from notify.line_content.rules import Received


def message_received(
    received: Received, file: LineFile | None = None, not_fetched: str = ""
) -> LineMessageReceived:
    return LineMessageReceived(
        message_id=received.message_id,
        webhook_event_id=received.webhook_event_id,
        line_user_id=received.line_user_id,
        kind=received.kind,
        text=received.text,
        sent_at=received.sent_at,
        file=file,
        not_fetched=not_fetched,
    )


def line_file(key: str, filename: str, size: int) -> LineFile:
    return LineFile(key=key, filename=filename, size=size)
