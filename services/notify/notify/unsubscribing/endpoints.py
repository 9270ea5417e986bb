"""How the link of a mail reaches notify. The token, which only we can make, is the right to it."""

from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.endpoint import Anybody, endpoint
from mtnet_contracts.calls.notify import unsubscribing as calls

from notify.channels.email.adapters import signing_key
from notify.channels.email.unsubscribing import UnsubscribeLinks
from notify.settings import settings
from notify.unsubscribing import actions
from notify.unsubscribing.actions import LinkNotValid

HOLDS_THE_LINK = Anybody("whoever holds the link of a mail may stop mails of that sort, and nothing else")


@cache
def links() -> UnsubscribeLinks:
    told = settings()
    return UnsubscribeLinks(told.portal_url, signing_key(told.channels["email"].values))


class UnsubscribingEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {LinkNotValid: "LINK_NOT_VALID"}

    @endpoint(calls.UNSUBSCRIBE_LINK)
    def unsubscribe_link(self, tx: Tx, actor: None, request: dict[str, Any]) -> Any:
        return {"category": actions.category_of(links(), request["unsubscribe_token"])}

    @endpoint(calls.UNSUBSCRIBE, authorise=HOLDS_THE_LINK)
    def unsubscribe(self, tx: Tx, actor: None, request: dict[str, Any]) -> Any:
        now = datetime.now(UTC)
        return {"category": actions.unsubscribe(tx, links(), request["unsubscribe_token"], now)}
