"""The registry of channels: the ways by which people are written to.

A channel is one line here and one folder, `notify/channels/<name>/`. Settings, senders, metrics, the operator's call,
the sandbox and docs/channels.md follow from these two.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Channel:
    """`name` stands in events, tables, metrics and settings; the titles are what people read."""

    name: str
    zh_hant: str
    en: str


CHANNELS: dict[str, Channel] = {
    channel.name: channel
    for channel in (
        Channel("email", "電子郵件", "E-mail"),
        Channel("sms", "簡訊", "Text message"),
    )
}
