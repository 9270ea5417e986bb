"""What an SMTP answer means: is it about this recipient, about this message, or about us?

The first digit is not enough. `550 5.1.1` is about one address; `550 5.7.60` and `530` are about us, and every
message would get them. Sources: RFC 5321 section 4.2, RFC 3463, RFC 4954, RFC 5248, RFC 7504, RFC 6531.
"""

import re
from enum import IntEnum

from notify.channels.rules import Deferral, Doubt, Failure, Outage, Refusal


class Stage(IntEnum):
    """How far an SMTP session has come. Before the recipient is named, no answer can be about the recipient."""

    GREETING = 1
    SENDER = 2
    RECIPIENT = 3
    CONTENT = 4


PERMANENT = range(500, 600)
TRANSIENT = range(400, 500)
# Closing down, commands out of order or unknown, and everything about logging in: about us, whoever the recipient is.
ABOUT_US = frozenset({421, 500, 502, 503, 504, 530, 532, 534, 535, 538})
# RFC 3463: subject and detail. The sender's address (1.7, 1.8), and logging in and permissions (7.x). Exchange Online:
# our quota (1.90, 7.705, 7.708), our sender blocked (7.501 to 7.503), a domain that is not registered there (7.750).
ABOUT_US_IN_DETAIL = frozenset(
    {
        "1.7",
        "1.8",
        "1.90",
        "7.3",
        "7.8",
        "7.9",
        "7.10",
        "7.11",
        "7.12",
        "7.13",
        "7.14",
        "7.57",
        "7.60",
        "7.64",
    }
    | {"7.501", "7.502", "7.503", "7.705", "7.708", "7.750"}
)
ABOUT_THE_MESSAGE_IN_DETAIL = frozenset({"2.3", "3.4"})
# Routing to the recipient's domain, and an address that the next server cannot take.
ABOUT_THE_RECIPIENT_IN_DETAIL = frozenset({"4.1", "4.4", "4.6", "4.7", "6.7"})
# Without an enhanced code: what RFC 5321 and RFC 7504 give to mailboxes.
ABOUT_THE_MAILBOX = frozenset({501, 550, 551, 552, 553, 555, 556})
TOO_LARGE = 552

# `550 5.1.1 …` at the beginning; qmail writes `… (#5.7.1)` at the end.
ENHANCED_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")
ENHANCED_CODE_OF_QMAIL = re.compile(r"\(#([245]\.\d{1,3}\.\d{1,3})\)")
# Many servers say `550 relay not permitted` without an enhanced code. These words make an answer doubtful,
# never certain.
WORDS_ABOUT_US = re.compile(
    r"relay|authenti|log ?in|starttls|tls|sender|spf|dkim|dmarc|helo|reverse|ptr record|client host|"
    r"block|black ?list|rbl|denied|prohibit|not permitted|policy|quota|limit|rate|too many|spam|ip address|rcpthosts",
    re.IGNORECASE,
)
# Relaying, logging in and quotas are ours to repair: such an answer alone never fails a message.
WORDS_NEVER_ABOUT_THE_MESSAGE = re.compile(
    r"relay|rcpthosts|authenti|log ?in|throttl|too many (?:messages|mails|connections)|rate limit|"
    r"(?:sending|submission|outbound|daily|hourly)(?: \w+)? (?:quota|limit|rate)",
    re.IGNORECASE,
)
# Details that say as little as none: policy in general, congestion, and a quota that may be ours.
VAGUE_DETAILS = frozenset({"2.2", "3.2", "4.5", "7.1", "7.2"})


def meaning_of_smtp(stage: Stage, code: int, answer: bytes | str) -> Refusal | Deferral | Outage | Doubt:
    """What a negative SMTP answer means for the message. `code` is the number it begins with."""
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    enhanced = _enhanced(words)
    detail = f"{code} {enhanced}" if enhanced else str(code)
    subject_and_detail = enhanced.partition(".")[2]
    if stage <= Stage.SENDER:
        if stage is Stage.SENDER and subject_and_detail == "3.4":
            return Refusal(Failure.MESSAGE_REFUSED, detail)
        return Outage(detail)
    if code in ABOUT_US or subject_and_detail in ABOUT_US_IN_DETAIL or code not in (*TRANSIENT, *PERMANENT):
        return Outage(detail)
    if code in TRANSIENT:
        if code == 450 or subject_and_detail.startswith(("1.", "2.", "4.")):
            return Deferral(detail)
        return Doubt(detail, None)
    return _permanent(stage, code, subject_and_detail, words, detail)


def _permanent(stage: Stage, code: int, in_detail: str, words: str, detail: str) -> Refusal | Doubt:
    failure = Failure.RECIPIENT_REFUSED if stage is Stage.RECIPIENT else Failure.MESSAGE_REFUSED
    doubtful = Doubt(detail, failure)
    says_little = not in_detail or in_detail.endswith(".0")
    if (says_little or in_detail in VAGUE_DETAILS) and WORDS_NEVER_ABOUT_THE_MESSAGE.search(words):
        return Doubt(detail, None)
    if says_little and WORDS_ABOUT_US.search(words):
        return doubtful
    if in_detail in ABOUT_THE_MESSAGE_IN_DETAIL:
        return Refusal(Failure.MESSAGE_REFUSED, detail)
    if in_detail in ABOUT_THE_RECIPIENT_IN_DETAIL or in_detail.startswith(("1.", "2.")):
        return Refusal(Failure.RECIPIENT_REFUSED, detail)
    if in_detail and in_detail != "0.0":
        return doubtful
    if stage is Stage.RECIPIENT and code in ABOUT_THE_MAILBOX:
        return Refusal(Failure.RECIPIENT_REFUSED, detail)
    if code == TOO_LARGE:
        return Refusal(Failure.MESSAGE_REFUSED, detail)
    if code in ABOUT_THE_MAILBOX - {550}:
        return Refusal(Failure.RECIPIENT_REFUSED, detail)
    return doubtful


def _enhanced(words: str) -> str:
    """`5.1.1`, or nothing. The server's words are not kept: they often name the recipient."""
    if found := ENHANCED_CODE.match(words):
        return found[0]
    found = ENHANCED_CODE_OF_QMAIL.search(words)
    return found[1] if found else ""
