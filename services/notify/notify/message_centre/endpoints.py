"""How people see what they were told, and choose how they are told."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import caller_of, endpoint
from mtnet_chassis.rpc.holder import Holder
from mtnet_contracts.calls.notify import message_centre as calls
from mtnet_contracts.calls.notify import preferences as choices
from mtnet_contracts.vocabulary.choices import ROLES
from mtnet_contracts.vocabulary.notices import Category

from notify.contact_points.actions import person_of
from notify.contact_points.rules import AccountClosed, CaseHasAccount
from notify.deliveries.sender import ChannelState
from notify.message_centre import actions, rules
from notify.messages.actions import wake_after_commit
from notify.preferences.rules import NotChoosable
from notify.settings import settings
from notify.templates.rules import Links

Request = dict[str, Any]


def oneself(service: Any, tx: Tx, actor: Actor | Holder, request: Request) -> str:
    """Everybody may see and choose what is their own: no request names another person."""
    return caller_of(actor)


class MessageCentreEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        rules.MessageNotFound: "MESSAGE_NOT_FOUND",
        rules.NotSentAgain: "NOT_SENT_AGAIN",
        rules.SentOftenEnough: "SENT_OFTEN_ENOUGH",
        NotChoosable: "NOT_CHOOSABLE",
        AccountClosed: "ACCOUNT_CLOSED",
        CaseHasAccount: "CASE_HAS_ACCOUNT",
    }
    database: Transactions
    senders: Mapping[str, ChannelState]

    @endpoint(calls.OWN_MESSAGES, roles=ROLES)
    def own_messages(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return actions.own_messages(tx, _links(), person_of(actor), **request)

    @endpoint(calls.OWN_MESSAGE, roles=ROLES)
    def own_message(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return actions.own_message(tx, _links(), person_of(actor), request["message_id"])

    @endpoint(calls.MARK_MESSAGES_READ, roles=ROLES, authorise=oneself)
    def mark_messages_read(self, tx: Tx, actor: Actor, request: Request) -> Any:
        ids, now = request["message_ids"], datetime.now(UTC)
        return {"unread": actions.mark_read(tx, person_of(actor), ids, now)}

    @endpoint(calls.SEND_MESSAGE_AGAIN, roles=ROLES, authorise=oneself)
    def send_message_again(self, tx: Tx, actor: Actor, request: Request) -> Any:
        wanted = person_of(actor), request["message_id"]
        channels = actions.send_again(tx, *wanted, datetime.now(UTC))
        wake_after_commit(tx, self.database, self.senders, channels)
        return actions.own_message(tx, _links(), *wanted)

    @endpoint(choices.OWN_NOTIFICATIONS, roles=ROLES, applicants=True)
    def own_notifications(self, tx: Tx, actor: Actor | Holder, request: Request) -> Any:
        return actions.own_notifications(tx, person_of(actor), datetime.now(UTC))

    @endpoint(choices.SAVE_NOTIFICATIONS, roles=ROLES, authorise=oneself, applicants=True)
    def save_notifications(self, tx: Tx, actor: Actor | Holder, request: Request) -> Any:
        wanted = {Category(each["category"]): frozenset(each["channels"]) for each in request["categories"]}
        return actions.save_notifications(tx, actor, wanted, datetime.now(UTC))


def _links() -> Links:
    return Links(settings().portal_url)
