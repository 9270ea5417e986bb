"""What a placeholder is: its name, its meaning for people, how its value is written, a sample."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any


class Form(Enum):
    """How a value is written, and what it may be used for."""

    WORDS = auto()  # a number or name of the portal's own making
    NAME = auto()  # one line that people typed: no link, no markup
    NOTE = auto()  # several lines that people typed: no link, no markup
    DAY = auto()
    MOMENT = auto()
    MINUTE = auto()  # of what lies ahead: day and time without seconds
    HOUR = auto()
    LINK = auto()  # a page of the portal: as a button, in a text as its address
    CODE = auto()  # large, on a line of its own
    CHOICE = auto()  # a code that decides what is said; it is not written itself
    RIGHT = auto()  # what somebody asks for under the Personal Data Protection Act; decides too
    REASONS = auto()  # a list


DECIDES = (Form.CHOICE, Form.RIGHT)


@dataclass(frozen=True)
class Placeholder:
    """`only_when`: it has a value only where another placeholder is one of these. `may_be_empty`: it may be nothing.

    `necessary`: no text of a mail, a fax, a text message or LINE may lack it, wherever it has a value.
    """

    name: str
    form: Form
    meaning: str
    sample: Any = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    only_when: tuple[str, tuple[str, ...]] | None = None
    may_be_empty: bool = False
    necessary: bool = False

    def has_value(self, values: Mapping[str, Any]) -> bool:
        return self.only_when is None or values.get(self.only_when[0]) in self.only_when[1]
