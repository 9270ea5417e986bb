"""Misbehaviour on demand: what a mail server or an SMS company does on a bad day."""

from dataclasses import dataclass
from enum import StrEnum

CHANNELS = ("email", "sms")


class Mode(StrEnum):
    """email / sms:
    refuse: 554 for good / 503 · busy: 451 for now / 429 · timeout: no answer ·
    drop_after_accept: kept, but the connection ends before the sender is told ·
    reject_recipient: 550 to RCPT / 422
    """

    NONE = "none"
    REFUSE = "refuse"
    BUSY = "busy"
    TIMEOUT = "timeout"
    DROP_AFTER_ACCEPT = "drop_after_accept"
    REJECT_RECIPIENT = "reject_recipient"


@dataclass(frozen=True)
class Fault:
    """`count` messages meet the fault; None: all, until it is taken back."""

    mode: Mode = Mode.NONE
    count: int | None = None


class Faults:
    def __init__(self) -> None:
        self._faults = dict.fromkeys(CHANNELS, Fault())

    def set(self, channel: str, fault: Fault) -> None:
        self._faults[channel] = fault

    def current(self, channel: str) -> Fault:
        return self._faults[channel]

    def strike(self, channel: str, *modes: Mode) -> Mode:
        """The fault to show now, counted down, when it is one of `modes`; else NONE."""
        fault = self._faults[channel]
        if fault.mode not in modes:
            return Mode.NONE
        if fault.count is not None:
            left = fault.count - 1
            self._faults[channel] = Fault(fault.mode, left) if left > 0 else Fault()
        return fault.mode
