"""What a person may choose: the channels of each category, those always on, and what holds without a choice."""

from collections.abc import Mapping
from types import MappingProxyType

from mtnet_contracts.vocabulary.notices import Category

EMAIL, LINE, FAX = "email", "line", "fax"

Channels = frozenset[str]
NONE: Channels = frozenset()

# E-mail is the way that everybody has. That a mobile is told too, where it has to know, is no choice of anybody.
ALWAYS: Mapping[Category, Channels] = MappingProxyType(
    {Category.LEGAL: frozenset({EMAIL}), Category.SECURITY: frozenset({EMAIL})}
)
# A security notice may lead back into an account: it is for a mailbox or a telephone that was proved, not for a
# machine in the hall. Fax is for what has to be kept on paper.
CHOOSABLE: Mapping[Category, Channels] = MappingProxyType(
    {
        Category.LEGAL: frozenset({LINE, FAX}),
        Category.SECURITY: frozenset({LINE}),
        Category.REMINDER: frozenset({EMAIL, LINE, FAX}),
        Category.INFORMATION: frozenset({EMAIL, LINE}),
    }
)
DEFAULTS: Mapping[Category, Channels] = MappingProxyType(
    {
        Category.LEGAL: NONE,
        Category.SECURITY: NONE,
        Category.REMINDER: frozenset({EMAIL}),
        Category.INFORMATION: frozenset({EMAIL}),
    }
)
# An applicant has a case, and nothing else to be told of.
CATEGORIES_OF: Mapping[str, tuple[Category, ...]] = MappingProxyType(
    {"account": tuple(Category), "application": (Category.LEGAL, Category.INFORMATION)}
)


class NotChoosable(Exception):
    """Nobody can switch this channel on or off for this category."""


def complete(chosen: Mapping[Category, Channels]) -> dict[Category, Channels]:
    """For every category the channels that hold: what was chosen, or the default; and what is always on.

    What is no choice any more counts for nothing.
    """
    return {
        category: ALWAYS.get(category, NONE)
        | (chosen.get(category, DEFAULTS[category]) & CHOOSABLE[category])
        for category in Category
    }


def choice(category: Category, channels: Channels) -> Channels:
    """What is stored of a choice: what is always on may be named, and is not kept. Raises NotChoosable."""
    if channels - CHOOSABLE[category] - ALWAYS.get(category, NONE):
        raise NotChoosable(category)
    return channels & CHOOSABLE[category]


def not_beside(category: Category, channel: str, channels: Channels) -> Channels | None:
    """Whoever chose `channel`, and none of these, is told of this category by `channel` alone.

    `channels` are those that a message has. None: it is never the only one, or holds without a choice.
    """
    if ALWAYS.get(category, NONE) & channels or channel in DEFAULTS[category]:
        return None
    if channel not in CHOOSABLE[category] & channels:
        return None
    return (CHOOSABLE[category] & channels) - {channel}


def without(held: Mapping[Category, Channels], category: Category, channel: str) -> Channels:
    """The choice for this category after one channel is switched off. Raises NotChoosable."""
    if channel not in CHOOSABLE[category] or channel in ALWAYS.get(category, NONE):
        raise NotChoosable(category)
    return choice(category, held[category] - {channel})


def with_channel(held: Mapping[Category, Channels], category: Category, channel: str) -> Channels:
    """The choice for this category after one channel is switched on. Raises NotChoosable."""
    return choice(category, held[category] | {channel})
