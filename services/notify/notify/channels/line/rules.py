"""What an answer of the LINE platform means, how long a text may be, and which links it may hold.

Source: LINE Developers, Messaging API reference (status codes, error responses, rate limits), "Retrying a failed API
request", "Character counting in a text".
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from notify.channels.rules import Deferral, Doubt, Failure, Outage, Refusal
from notify.templates.rules import HELPDESK_MAIL

# A request with the same retry key is accepted once, for 24 hours after the first. The last try has to be over by then.
RETRY_KEY_HOLDS = timedelta(hours=24)
LAST_TRY_AFTER = timedelta(hours=23)

LONGEST_TEXT = 5_000
MOST_RECIPIENTS = 500
# Of the month's messages so many are kept for legal notices.
RESERVED_SHARE = 0.1

USER_ID = re.compile(r"U[0-9a-f]{32}")
# Runs of characters in which LINE may find a link.
LINKABLE = re.compile(r"[A-Za-z0-9@:/?&=#%._~+\-]+")
DOT_BEFORE_A_LETTER = re.compile(r"\.(?=[A-Za-z0-9])")
# Breaks a link in two without being seen.
NO_WIDTH = "\u200b"


@dataclass(frozen=True)
class Answer:
    """An answer of the platform: its status, and the `message` of its JSON body where it has one.

    `is_json`: the body is a JSON object, as every answer of the platform is. `request_id` is what LINE calls the
    request that it accepted, now or at an earlier try.
    """

    status: int
    message: str = ""
    is_json: bool = True
    request_id: str | None = None


def meaning_of(answer: Answer) -> Refusal | Deferral | Doubt | Outage | None:
    """What the answer to a push or multicast means. None: LINE has accepted it, now or (409) at an earlier try.

    A 429 says in words alone what it is about. The month's limit: nothing is sent before the next month or a larger
    plan. Concurrency: another request of ours is at work. Everything else is the rate.
    """
    detail, said = str(answer.status), answer.message.lower()
    match answer.status:
        case 200 | 202 if answer.is_json:
            return None
        case 409:
            return None
        case 200 | 202:
            # Not LINE: a proxy, a login page. The retry key makes asking again harmless.
            return Doubt(f"{detail} garbage", None)
        case 400 if "failed to send messages" in said or "'to'" in said or "user" in said:
            return Refusal(Failure.RECIPIENT_REFUSED, detail)
        case 400 | 413:
            return Refusal(Failure.MESSAGE_REFUSED, detail)
        case 404:
            # Somebody who is no friend, or our address of the platform is wrong: what becomes of others decides.
            return Doubt(detail, Failure.RECIPIENT_REFUSED)
        case 410:
            return Doubt(detail, Failure.MESSAGE_REFUSED)
        case 429 if "monthly" in said or "quota" in said:
            return Refusal(Failure.QUOTA, f"{detail} month")
        case 429 if "concurren" in said:
            return Deferral(f"{detail} concurrency")
        case 429:
            return Outage(f"{detail} rate")
        case 500:
            return Doubt(detail, None)
        case _:
            # Not let in (401, 403), a wrong address (3xx, 405, 415), out of order (5xx).
            return Outage(detail)


def is_month_used_up(meaning: Exception | None) -> bool:
    return isinstance(meaning, Refusal) and meaning.failure is Failure.QUOTA


def may_still_be_tried(first_tried_at: datetime | None, now: datetime) -> bool:
    """Whether a further try with the same key is sure not to send the message a second time."""
    return first_tried_at is None or now - first_tried_at < LAST_TRY_AFTER


def is_user_id(text: str) -> bool:
    return USER_ID.fullmatch(text) is not None


def length(text: str) -> int:
    """As LINE counts: UTF-16 code units, so that many emoji and rare ideographs are two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fitted(text: str, ending: str) -> str:
    """The text, or as many of its first lines as fit with `ending` below them."""
    if length(text) <= LONGEST_TEXT:
        return text
    left = LONGEST_TEXT - length(ending) - 2
    kept: list[str] = []
    for line in text.split("\n"):
        left -= length(line) + 1
        if left < 0:
            if not kept:
                kept.append(_beginning(line, left + length(line)))
            break
        kept.append(line)
    return "\n".join(kept).rstrip() + f"\n\n{ending}"


def _beginning(line: str, units: int) -> str:
    """So much of one long line as so many units hold, no character cut in two."""
    return line.encode("utf-16-le", "surrogatepass")[: 2 * max(units, 0)].decode("utf-16-le", "ignore")


def with_our_links_only(text: str, portal_url: str) -> str:
    """LINE makes a link of whatever looks like one. Addresses that are not of the portal stay readable, but no link."""
    own = re.compile(rf"{re.escape(portal_url.rstrip('/'))}(?:[/?#].*)?\.?")

    def judged(found: re.Match[str]) -> str:
        run = found.group()
        if own.fullmatch(run) or run.rstrip(".") == HELPDESK_MAIL:
            return run
        return DOT_BEFORE_A_LETTER.sub(f".{NO_WIDTH}", run).replace("://", f":{NO_WIDTH}//")

    return LINKABLE.sub(judged, text)


def chunks(recipients: Iterable[str]) -> Iterator[Sequence[str]]:
    """As many at a time as one multicast takes."""
    rest = iter(recipients)
    while chunk := tuple(islice(rest, MOST_RECIPIENTS)):
        yield chunk


@dataclass(frozen=True)
class Quota:
    """The month's messages: how many the plan allows (None: as many as one likes), and how many are used."""

    limit: int | None
    used: int

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(self.limit - self.used, 0)

    def allows(self, count: int, *, legal: bool) -> bool:
        """Whether so many more may go out. What is not a legal notice leaves the reserve alone."""
        if self.limit is None or self.left is None:
            return True
        return self.left - count >= (0 if legal else int(self.limit * RESERVED_SHARE))

    def after(self, count: int) -> "Quota":
        return Quota(self.limit, self.used + count)
