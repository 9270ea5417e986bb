"""LINE as this topic needs it: our secrets, our addresses there, and a client for each call."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mtnet_chassis.telemetry import logger
from nameko.extensions import DependencyProvider

from notify.channels.line.adapters import LineApi, UserUnknown, dialog_address, line_api
from notify.channels.line.link_tokens import LinkTokenNotValid, link_token, user_of_link_token
from notify.channels.rules import Doubt, Outage
from notify.settings import settings

# After an answer that could not be given: webhooks wait for answers, and LINE for webhooks.
PAUSE_SECONDS = 10.0

log = logger()


class LineAway(Exception):
    """LINE cannot be asked at present."""


@dataclass
class LinePlatform:
    """`values` are the settings of the channel, by name."""

    values: Mapping[str, str]
    portal_url: str
    _pause_until: float = field(default=0.0, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Those that may sign: the present one first, and during a change the former."""
        return tuple(
            each.strip() for each in self.values["NOTIFY_LINE_CHANNEL_SECRET"].split(",") if each.strip()
        )

    @property
    def add_friend_url(self) -> str:
        return self.values["NOTIFY_LINE_ADD_FRIEND_URL"]

    @property
    def dialog_url(self) -> str:
        return self.values["NOTIFY_LINE_DIALOG_URL"]

    def link_address(self, user_id: str, now: datetime) -> str:
        """The page that the button in this user's chat leads to."""
        return f"{self.portal_url}/line/link?linkToken={link_token(self.secrets[0], user_id, now)}"

    def user_of(self, token: str, now: datetime) -> str:
        """Raises LinkTokenNotValid."""
        return user_of_link_token(self.secrets, token, now)

    def display_name(self, user_id: str) -> str:
        """Raises UserUnknown, LineAway."""
        with self._asked() as api:
            return api.display_name(user_id)

    def dialog_address(self, user_id: str, nonce: str) -> str:
        """Where LINE asks this user. Raises UserUnknown, LineAway."""
        with self._asked() as api:
            return dialog_address(self.dialog_url, api.link_token(user_id), nonce)

    def answer(self, reply_token: str, messages: Sequence[Mapping[str, Any]]) -> bool:
        """False: LINE could not be told, and may be later. A token that works no more counts as used by us before."""
        if time.monotonic() < self._pause_until:
            return False
        try:
            with self._asked() as api:
                api.reply(reply_token, messages)
        except LineAway as away:
            self._pause_until = time.monotonic() + PAUSE_SECONDS
            log.warning("LINE user not answered", problem=str(away))
            return False
        return True

    @contextmanager
    def _asked(self) -> Iterator[LineApi]:
        """Raises LineAway."""
        api = line_api(self.values)
        try:
            yield api
        except (Outage, Doubt) as problem:
            raise LineAway(problem.detail) from problem
        finally:
            api.close()


class Line(DependencyProvider):  # type: ignore[misc]
    """The service gets the one LinePlatform of its process."""

    def setup(self) -> None:
        found = settings()
        self._platform = LinePlatform(found.channels["line"].values, found.portal_url)

    def get_dependency(self, worker_ctx: Any) -> LinePlatform:
        return self._platform


__all__ = ["Line", "LineAway", "LinePlatform", "LinkTokenNotValid", "UserUnknown"]
