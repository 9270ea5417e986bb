"""The thread that asks for receipts which do not come by themselves."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import psycopg
from mtnet_chassis.data.containers import database_of, instance_of
from mtnet_chassis.runtime.background import BackgroundThreads
from mtnet_chassis.telemetry import logger
from psycopg_pool import PoolTimeout

from notify.channels.registry import channel_plans
from notify.receipts.actions import poll
from notify.settings import settings

# A fax takes a minute a page.
ASK_EVERY_SECONDS = 15.0

Method = TypeVar("Method", bound=Callable[..., Any])
Poll = Callable[[], int]

log = logger()


class ReceiptThread(BackgroundThreads):
    """Calls the method, for each channel that has such receipts, with a function that asks once."""

    def start(self) -> None:
        told, database = settings(), database_of(self.container)
        for name, plan in channel_plans().items():
            if plan.poll_receipts is None and plan.receipt_within is None:
                continue
            ask = partial(poll, database, name, plan, told.channels[name].values, lambda: datetime.now(UTC))
            self.spawn(f"{self.method_name}.{name}", partial(self._run, name, ask))

    def _run(self, channel: str, ask: Poll) -> None:
        turn = getattr(instance_of(self.container), self.method_name)
        while not self.stopping.wait(ASK_EVERY_SECONDS):
            try:
                turn(ask)
            except (psycopg.Error, PoolTimeout) as problem:
                log.warning("receipts wait for the database", channel=channel, problem=type(problem).__name__)
            except Exception:
                log.exception("asking for receipts goes on after a mistake", channel=channel)


def while_receipts_are_awaited(method: Method) -> Method:
    """Call `method(self, ask)` for each channel every quarter of a minute."""
    decorated: Method = ReceiptThread.decorator(method)
    return decorated
