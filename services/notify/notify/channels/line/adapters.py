"""The LINE platform, over its Messaging API: messages, link tokens, profiles and the month's quota."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import requests
from mtnet_contracts.vocabulary.notices import Category

from notify.channels.line.quota import QuotaGuard
from notify.channels.line.rules import (
    LAST_TRY_AFTER,
    LONGEST_TEXT,
    MOST_RECIPIENTS,
    Answer,
    Quota,
    fitted,
    is_month_used_up,
    is_user_id,
    length,
    may_still_be_tried,
    meaning_of,
    with_our_links_only,
)
from notify.channels.rules import (
    Accepted,
    ChannelPlan,
    Connection,
    Doubt,
    Failure,
    Limit,
    Outage,
    OutgoingMessage,
    Refusal,
    RetryPolicy,
    Setting,
)
from notify.templates.actions import render_text
from notify.templates.rules import Links

CONNECT_SECONDS = 5
# For a message. A look at a profile or a quota has somebody or something waiting for it.
ANSWER_SECONDS = 15
LOOK_SECONDS = 2
LARGEST_ANSWER_BYTES = 64 * 1024
# The user's webhook waits for it, and LINE waits two seconds for the webhook.
REPLY_SECONDS = 1.0
RETRY_KEY, REQUEST_ID, ACCEPTED_ID = "X-Line-Retry-Key", "x-line-request-id", "x-line-accepted-request-id"
# No connection came about: nothing was asked.
NOT_REACHED = (
    requests.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.SSLError,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
)


class UserUnknown(Exception):
    """LINE shows us no such user: never a friend, or one who has blocked us."""


class LineApi:
    """The calls that are made of the platform. One thread at a time; the HTTP connection is kept.

    All calls raise Outage (about us, or LINE is away) and Doubt (nobody can tell whether it was accepted: ask again
    with the same key).
    """

    def __init__(self, base_url: str, token: str, guard: QuotaGuard | None = None) -> None:
        self._base_url = base_url.rstrip("/")
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"
        self.guard = guard

    def push(
        self, retry_key: UUID, recipient: str, messages: Sequence[Mapping[str, Any]], *, legal: bool = False
    ) -> Accepted:
        """Messages to one user; they count as one. `legal`: may use what is kept of the month's messages.

        Raises Refusal (RECIPIENT_REFUSED, MESSAGE_REFUSED, QUOTA) and Deferral, too.
        """
        if not is_user_id(recipient):
            raise Refusal(Failure.RECIPIENT_REFUSED, "no LINE user id")
        body = {"to": recipient, "messages": list(messages)}
        return self._send("push", retry_key, body, 1, legal=legal)

    def multicast(
        self, retry_key: UUID, recipients: Sequence[str], text: str, *, legal: bool = False
    ) -> Accepted:
        """One text to at most 500 users, all of them or (Refusal) none. The same recipients at each try with this key.

        Unknown and blocked users are passed over by LINE in silence. Raises as `push`. The acceptance has no
        `provider_ref`: it would be the same for all of them.
        """
        if not 0 < len(recipients) <= MOST_RECIPIENTS:
            raise ValueError(f"a multicast goes to 1 to {MOST_RECIPIENTS} users")
        body = {"to": list(recipients), "messages": [text_message(text)]}
        accepted = self._send("multicast", retry_key, body, len(recipients), legal=legal)
        return Accepted(accepted.detail)

    def reply(self, reply_token: str, messages: Sequence[Mapping[str, Any]]) -> bool:
        """Answer an event of a user, free of charge. Its token works once, for about a minute; False: no more."""
        body = {"replyToken": reply_token, "messages": list(messages)}
        answer, _ = self._answered("POST", "/v2/bot/message/reply", body, seconds=REPLY_SECONDS)
        if answer.status not in (200, 400) or not answer.is_json:
            raise Outage(str(answer.status))
        return answer.status == 200

    def link_token(self, user_id: str) -> str:
        """Proves, for 10 minutes and once, which user an account is linked to. Raises UserUnknown."""
        answer, content = self._answered("POST", f"/v2/bot/user/{_id(user_id)}/linkToken", {})
        token = self._found(answer, content, "linkToken")
        return str(token)

    def display_name(self, user_id: str) -> str:
        """What the user is called there. Raises UserUnknown: who has blocked us is not shown either."""
        answer, content = self._answered("GET", f"/v2/bot/profile/{_id(user_id)}")
        return str(self._found(answer, content, "displayName"))

    def quota(self) -> Quota:
        """The month's messages, and how many of them are used."""
        limit = self._looked_up("/v2/bot/message/quota")
        used = self._looked_up("/v2/bot/message/quota/consumption")
        allowed = int(limit["value"]) if limit.get("type") == "limited" else None
        return Quota(allowed, int(used["totalUsage"]))

    def close(self) -> None:
        self._session.close()

    def _send(
        self, endpoint: str, retry_key: UUID, body: Mapping[str, Any], count: int, *, legal: bool
    ) -> Accepted:
        if self.guard is not None:
            self.guard.take(retry_key, count, legal=legal)
        path, headers = f"/v2/bot/message/{endpoint}", {RETRY_KEY: str(retry_key)}
        try:
            answer, _ = self._answered("POST", path, body, headers)
        except Doubt as doubt:
            if doubt.detail != _CUT:
                raise
            # The connection ended, perhaps after the message was accepted: the key makes asking at once harmless.
            answer, _ = self._answered("POST", path, body, headers)
        meaning = meaning_of(answer)
        if meaning is None:
            return Accepted(str(answer.status), provider_ref=answer.request_id)
        if self.guard is not None and is_month_used_up(meaning):
            self.guard.used_up()
        raise meaning

    def _looked_up(self, path: str) -> Mapping[str, Any]:
        answer, content = self._answered("GET", path)
        if answer.status != 200 or not answer.is_json:
            raise Outage(str(answer.status))
        return content

    def _found(self, answer: Answer, content: Mapping[str, Any], name: str) -> Any:
        if answer.status in (400, 404):
            raise UserUnknown
        if answer.status != 200 or not content.get(name):
            raise Outage(f"{answer.status} {name}")
        return content[name]

    def _answered(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> tuple[Answer, Mapping[str, Any]]:
        """Raises Outage when LINE is not reached, Doubt when it was reached and its answer is missing."""
        seconds = seconds or (ANSWER_SECONDS if headers else LOOK_SECONDS)
        try:
            with self._session.request(
                method,
                self._base_url + path,
                json=body,
                headers=headers,
                timeout=(min(CONNECT_SECONDS, seconds), seconds),
                # A redirected POST would be repeated as a GET, and its page would look like an acceptance.
                allow_redirects=False,
                stream=True,
            ) as answer:
                content = answer.raw.read(LARGEST_ANSWER_BYTES, decode_content=True)
                status = answer.status_code
                request_id = answer.headers.get(ACCEPTED_ID if status == 409 else REQUEST_ID)
        # The name alone: the text of some exceptions quotes the request.
        except (
            requests.ConnectTimeout,
            requests.exceptions.ProxyError,
            requests.exceptions.SSLError,
        ) as gone:
            raise Outage(type(gone).__name__) from gone
        except requests.ReadTimeout as slow:
            raise Doubt(type(slow).__name__, None) from slow
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as gone:
            if _was_never_reached(gone):
                raise Outage(type(gone).__name__) from gone
            raise Doubt(_CUT, None) from gone
        except (requests.RequestException, OSError, ValueError) as gone:
            raise Doubt(type(gone).__name__, None) from gone
        known = _json_object(content)
        said = known.get("message", "") if known is not None else ""
        said = said if isinstance(said, str) else ""
        return Answer(status, said, known is not None, request_id), known or {}


_CUT = "connection cut"


def _was_never_reached(gone: requests.RequestException) -> bool:
    """No connection came about, so nothing was asked."""
    reason = getattr(gone.args[0], "reason", None) if gone.args else None
    return type(reason).__name__ in ("NewConnectionError", "NameResolutionError")


def _json_object(content: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(content)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _id(user_id: str) -> str:
    if not is_user_id(user_id):
        raise UserUnknown
    return user_id


def text_message(text: str) -> dict[str, Any]:
    """Raises Refusal when it is too long, or says nothing."""
    if not 0 < length(text) <= LONGEST_TEXT:
        raise Refusal(Failure.MESSAGE_REFUSED, f"{length(text)} characters")
    return {"type": "text", "text": text}


@lru_cache(maxsize=16)
def _guard_of(base_url: str, token: str) -> QuotaGuard:
    """One for all connections of the process."""
    return QuotaGuard(LineApi(base_url, token).quota)


def line_api(values: Mapping[str, str]) -> LineApi:
    """A client of its own HTTP connection; the quota is watched together with all others of the process."""
    base_url, token = values["NOTIFY_LINE_URL"], values["NOTIFY_LINE_TOKEN"]
    return LineApi(base_url, token, _guard_of(base_url, token))


def dialog_address(dialog_url: str, link_token: str, nonce: str) -> str:
    """Where LINE asks its user to agree to the link."""
    return f"{dialog_url}?{urlencode({'linkToken': link_token, 'nonce': nonce})}"


@dataclass
class LineConnection:
    """Renders a text and hands it to LINE."""

    api: LineApi
    links: Links
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def send(self, message: OutgoingMessage) -> Accepted:
        """The delivery's id is the retry key: the same at every try, so that none of them doubles the message."""
        if not may_still_be_tried(message.first_tried_at, self.clock()):
            raise Refusal(Failure.GAVE_UP, "retry key too old")
        text = render_text(
            self.links, message.kind, message.template_version, message.locale, message.details, "line"
        )
        own = self.links.portal_url
        contents = [text_message(fitted(with_our_links_only(text, own), own))]
        legal = message.category is Category.LEGAL
        return self.api.push(message.delivery_id, message.recipient, contents, legal=legal)

    def adopt(self, known: Mapping[str, Any]) -> None:
        """Each process asks LINE itself what is left of the month."""

    def found_out(self) -> Mapping[str, Any]:
        """What LINE said of the month's messages, for operators."""
        quota = self.api.guard.news() if self.api.guard is not None else None
        if quota is None:
            return {}
        return {"quota": {"allowed": quota.limit, "used": quota.used, "at": self.clock().isoformat()}}

    def close(self) -> None:
        self.api.close()


def connect(settings: Mapping[str, str], links: Links) -> Connection:
    return LineConnection(line_api(settings), links)


CHANNEL = ChannelPlan(
    provider=(
        "The LINE Messaging API over HTTPS. A push or a multicast to somebody who has blocked us is answered with 200"
        " like any other, and shown to nobody: that a user has blocked us is told by the `unfollow` event of the"
        " webhook alone."
    ),
    settings=(
        Setting("NOTIFY_LINE_URL", "the platform: `https://api.line.me`"),
        Setting(
            "NOTIFY_LINE_DATA_URL",
            "the platform's address for pictures and files that people send",
            "https://api-data.line.me",
        ),
        Setting("NOTIFY_LINE_TOKEN", "our channel access token, sent as `Authorization: Bearer`"),
        Setting(
            "NOTIFY_LINE_CHANNEL_SECRET",
            "with it LINE signs what it tells us; several during a change, with commas",
        ),
        Setting("NOTIFY_LINE_ADD_FRIEND_URL", "where people add us as a friend: `https://line.me/R/ti/p/@…`"),
        Setting(
            "NOTIFY_LINE_DIALOG_URL",
            "where LINE asks for consent to a link: `https://access.line.me/dialog/bot/accountLink`",
        ),
    ),
    per_second=Limit("NOTIFY_LINE_PER_SECOND", 1000),
    connections=Limit("NOTIFY_LINE_CONNECTIONS", 3),
    connect=connect,
    to_many=line_api,
    retry=RetryPolicy(give_up_after=LAST_TRY_AFTER),
)
