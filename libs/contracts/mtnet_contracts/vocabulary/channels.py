"""The registry of channels: the ways by which people are written to.

A channel is one line here and one folder, `notify/channels/<name>/`. Settings, senders, metrics, the operator's call,
the sandbox and docs/channels.md follow from these two.
"""

from dataclasses import dataclass

from mtnet_contracts.vocabulary.texts import N_


@dataclass(frozen=True)
class Channel:
    """`name` stands in events, tables, metrics and settings; the title is what people read (see labels.py)."""

    name: str
    title: str


CHANNELS: dict[str, Channel] = {
    channel.name: channel
    for channel in (
        Channel("email", N_("E-mail")),
        Channel("line", N_("LINE")),
        Channel("fax", N_("Fax")),
        Channel("sms", N_("Text message")),
    )
}
CHANNEL_TITLES: dict[str, str] = {name: channel.title for name, channel in CHANNELS.items()}
