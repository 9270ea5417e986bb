"""What an event holds of people: whether a downstream system may have it."""

from enum import StrEnum


class Holds(StrEnum):
    """What a downstream system would get to see of people with an event (docs/subscribe.md)."""

    FACTS = "facts"  # ids, numbers, codes and times
    PERSONAL_DATA = (
        "personal data"  # a name, an address, or what somebody typed: granted with a reason, for a time
    )
    SECRETS = "secrets"  # codes, links, or what the portal's services tell each other alone: never granted
