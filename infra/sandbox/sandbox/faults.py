"""Faults on demand: what a mail server or a message gateway does on a bad day."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from mtnet_contracts.vocabulary.channels import CHANNELS

# Where an SMTP server may say no; `end` is after the mail was sent.
STAGES = ("auth", "mail", "rcpt", "end")
LONGEST_ANSWER = 200
LONGEST_SECONDS = 600.0


class Mode(StrEnum):
    """What the mail server does / what the gateway of any other channel does:
    refuse: 554 for good / 503 · busy: 451 for now / 429 · timeout: no answer ·
    drop_after_accept: kept, but the connection ends before the sender is told ·
    reject_recipient: 550 to RCPT / 422 · answer: `answer` at `stage` / the status `answer` ·
    slow: `seconds` before each answer to a message ·
    no_smtputf8: new connections are not offered SMTPUTF8 / nothing ·
    bounce: accepted, and a report of `answer` comes to the return path / nothing ·
    garbage: nothing / accepted, and answered with a page that is not the gateway's (LINE)

    Of a fax, after it was taken: busy, no_answer, no_carrier, rejected, wrong_number; `slow`: `seconds` for each page.
    Of receipts (fax and SMS): no_receipt, wrong_receipt: with a wrong key, then of something never sent ·
    receipt_twice · early_receipt: before the sender is told that the message was taken · undelivered (SMS) ·
    late_receipt: `seconds` later (SMS).
    """

    NONE = "none"
    REFUSE = "refuse"
    BUSY = "busy"
    TIMEOUT = "timeout"
    DROP_AFTER_ACCEPT = "drop_after_accept"
    REJECT_RECIPIENT = "reject_recipient"
    ANSWER = "answer"
    SLOW = "slow"
    NO_SMTPUTF8 = "no_smtputf8"
    BOUNCE = "bounce"
    GARBAGE = "garbage"
    NO_ANSWER = "no_answer"
    NO_CARRIER = "no_carrier"
    REJECTED = "rejected"
    WRONG_NUMBER = "wrong_number"
    UNDELIVERED = "undelivered"
    NO_RECEIPT = "no_receipt"
    WRONG_RECEIPT = "wrong_receipt"
    RECEIPT_TWICE = "receipt_twice"
    EARLY_RECEIPT = "early_receipt"
    LATE_RECEIPT = "late_receipt"


@dataclass(frozen=True)
class Fault:
    """`count` messages meet the fault; None: all, until it is taken back. `only`: a part of the recipient."""

    mode: Mode = Mode.NONE
    count: int | None = None
    stage: str = "end"
    answer: str = ""
    seconds: float = 0.0
    only: str = ""

    def problem(self, channel: str) -> str:
        """What is wrong with it, or nothing."""
        if not (self.count is None or (type(self.count) is int and self.count > 0)):
            return "count is null or a number from 1 on"
        if self.stage not in STAGES:
            return f"stage is one of {', '.join(STAGES)}"
        if not isinstance(self.only, str) or len(self.only) > LONGEST_ANSWER:
            return "only is a part of a recipient"
        if (
            not isinstance(self.answer, str)
            or len(self.answer) > LONGEST_ANSWER
            or not self.answer.isprintable()
        ):
            return f"answer is one line of at most {LONGEST_ANSWER} characters"
        if self.mode is Mode.BOUNCE and self.answer and not re.match(r"[45]\d\d( |$)", self.answer):
            return "answer begins with a code from 400 to 599"
        if self.mode is Mode.ANSWER:
            if channel == "email" and not re.match(r"[45]\d\d( |$)", self.answer):
                return "answer begins with a code from 400 to 599"
            if channel == "line" and not re.fullmatch(r"[1-5]\d\d( .+)?", self.answer):
                return "answer is a status, and perhaps words"
            if channel not in ("email", "line") and not re.fullmatch(r"[1-5]\d\d", self.answer):
                return "answer is a status"
        if type(self.seconds) not in (int, float) or not 0 <= self.seconds <= LONGEST_SECONDS:
            return f"seconds is a number up to {LONGEST_SECONDS:.0f}"
        return ""


class Faults:
    def __init__(self) -> None:
        self._faults = dict.fromkeys(CHANNELS, Fault())

    def set(self, channel: str, fault: Fault) -> None:
        self._faults[channel] = fault

    def current(self, channel: str) -> Fault:
        return self._faults[channel]

    def strike(self, channel: str, *modes: Mode, recipient: str | None = None) -> Mode:
        """The fault to show now, counted down, when it is one of `modes` and for this recipient; else NONE."""
        fault = self._faults[channel]
        if fault.mode not in modes or (recipient is not None and fault.only not in recipient):
            return Mode.NONE
        return self._struck(channel).mode

    def answer_at(self, stage: str, recipient: str = "") -> str:
        """What the mail server is to say at this stage instead of its own answer, or nothing."""
        fault = self._faults["email"]
        if fault.mode is not Mode.ANSWER or fault.stage != stage or fault.only not in recipient:
            return ""
        return self._struck("email").answer

    def bounces(self, recipient: str) -> str | None:
        """What the recipient's server answers to the mail server later: None when it takes the mail."""
        fault = self._faults["email"]
        if fault.mode is not Mode.BOUNCE or fault.only not in recipient:
            return None
        return self._struck("email").answer

    def status(self, channel: str) -> int | None:
        """The status that the channel's gateway is to answer instead of its own, or None."""
        return int(self._struck(channel).answer) if self._faults[channel].mode is Mode.ANSWER else None

    def words(self, channel: str) -> str | None:
        """Status and words that the channel's platform is to answer instead of its own, or None."""
        return self._struck(channel).answer if self._faults[channel].mode is Mode.ANSWER else None

    def seconds(self, channel: str, recipient: str = "") -> float:
        """How long to wait before the answer."""
        fault = self._faults[channel]
        if fault.mode is not Mode.SLOW or fault.only not in recipient:
            return 0.0
        return self._struck(channel).seconds

    def _struck(self, channel: str) -> Fault:
        fault = self._faults[channel]
        if fault.count is not None:
            left = fault.count - 1
            self._faults[channel] = replace(fault, count=left) if left > 0 else Fault()
        return fault
