"""How leads reach the figures of the desk, and the clock that has them counted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused, endpoint
from mtnet_chassis.runtime.timers import timer_once
from mtnet_contracts.calls.call import INVALID
from mtnet_contracts.calls.helpdesk import figures as calls
from mtnet_contracts.vocabulary.desk import DESK_LEADS

from helpdesk.desk_figures import actions
from helpdesk.desk_figures.rules import ALL, DaysNotValid, Slice

Request = dict[str, Any]
Reply = dict[str, Any]


class DeskFigureEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        DaysNotValid: lambda _: Refused(INVALID, fields={"to_day": ["DAYS_NOT_VALID"]})
    }

    @endpoint(calls.DESK_FIGURES, roles=DESK_LEADS)
    def desk_figures(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        chosen = Slice(*(request[part] or ALL for part in ("channel", "category", "team")))
        return actions.figures(tx, chosen, request["from_day"], request["to_day"], datetime.now(UTC))

    @timer_once(60, variable="HELPDESK_COUNT_SECONDS")
    def count_changed_days(self, tx: Tx) -> None:
        """Looks every minute of which days something has changed."""
        actions.count_days(tx, datetime.now(UTC))
