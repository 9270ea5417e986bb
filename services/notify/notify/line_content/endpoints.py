"""How files come from LINE, and when they are forgotten."""

from datetime import UTC, datetime

from mtnet_chassis.data.database import Tx
from mtnet_chassis.data.files import Files
from mtnet_chassis.runtime.timers import timer_once

from notify.line_content import actions
from notify.line_content.actions import Fetcher
from notify.line_content.threads import while_files_are_fetched
from notify.settings import settings


class LineContentEndpoints:
    """Nobody calls: what the webhook heard is fetched."""

    @while_files_are_fetched
    def fetch_line_content(self, fetcher: Fetcher) -> bool:
        return fetcher.work()

    @timer_once(3600)
    def forget_line_files(self, tx: Tx) -> None:
        actions.forget_files(Files(settings().files_url), datetime.now(UTC))
