"""How operators look for deliveries, and send one once more."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import caller_of, endpoint
from mtnet_contracts.calls.notify import delivery_search as calls

from notify.deliveries.sender import ChannelState
from notify.delivery_search import actions, rules
from notify.delivery_search.store import DeliverySearchStore

Request = dict[str, Any]


def operator(service: Any, tx: Tx, actor: Actor, request: Request) -> str:
    return caller_of(actor)


class DeliverySearchEndpoints:
    database: Transactions
    senders: Mapping[str, ChannelState]
    refusals: ClassVar[dict[type[Exception], Any]] = {
        rules.DeliveryNotFound: "DELIVERY_NOT_FOUND",
        rules.StillOnItsWay: "STILL_ON_ITS_WAY",
        rules.NotSentTwice: "NOT_SENT_TWICE",
        rules.SentOftenEnough: "SENT_OFTEN_ENOUGH",
        rules.AddressSuppressed: "ADDRESS_SUPPRESSED",
    }

    @endpoint(calls.FIND_DELIVERIES, roles={"operator"})
    def find_deliveries(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return actions.find(DeliverySearchStore(tx), datetime.now(UTC), **request)

    @endpoint(calls.SEND_AGAIN, roles={"operator"}, authorise=operator)
    def send_delivery_again(self, tx: Tx, actor: Actor, request: Request) -> Any:
        sending, now = (tx, self.database, self.senders), datetime.now(UTC)
        what = request["delivery_id"], request["reason"]
        return actions.send_again(DeliverySearchStore(tx), sending, actor, *what, now)
