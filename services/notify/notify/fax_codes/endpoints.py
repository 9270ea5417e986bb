"""How an owner of an account adds a fax number of their own."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused, caller_of, endpoint
from mtnet_contracts.calls.call import INVALID
from mtnet_contracts.calls.notify import contact_points as calls
from mtnet_contracts.vocabulary.choices import ROLES

from notify.deliveries.sender import ChannelState
from notify.fax_codes import actions, rules
from notify.messages.actions import send
from notify.settings import settings

Request = dict[str, Any]


def owner(service: Any, tx: Tx, actor: Actor, request: Request) -> str:
    """Everybody who is logged in may add a number to their own account."""
    return caller_of(actor)


class FaxCodeEndpoints:
    """The code goes out after the commit; only the fax machine learns it."""

    refusals: ClassVar[dict[type[Exception], Any]] = {
        rules.NumberInvalid: lambda problem: Refused(INVALID, fields={"number": [problem.code]}),
        rules.NumberKnown: lambda _: Refused("CONTACT_KNOWN", fields={"number": ["CONTACT_KNOWN"]}),
        rules.FaxAway: "FAX_AWAY",
        rules.TooSoon: "TOO_SOON",
        rules.TooManyFaxes: "TOO_MANY_FAXES",
        rules.CodeWrong: lambda _: Refused("CODE_WRONG", fields={"code": ["CODE_WRONG"]}, keeps_changes=True),
        rules.CodeExpired: lambda _: Refused("CODE_EXPIRED", fields={"code": ["CODE_EXPIRED"]}),
        rules.CodeVoid: lambda _: Refused("CODE_VOID", fields={"code": ["CODE_VOID"]}),
    }
    database: Transactions
    senders: Mapping[str, ChannelState]

    @endpoint(calls.REQUEST_FAX_CODE, roles=ROLES, authorise=owner)
    def request_fax_code(self, tx: Tx, actor: Actor, request: Request) -> Any:
        key, asked = settings().unsealing_key, (request["number"], request["locale"], datetime.now(UTC))
        waiting, fax = actions.request_code(tx, key, actor.account_id, *asked)
        send(tx, self.database, self.senders, [fax])
        return waiting

    @endpoint(calls.CONFIRM_FAX_CODE, roles=ROLES, authorise=owner)
    def confirm_fax_code(self, tx: Tx, actor: Actor, request: Request) -> Any:
        typed = request["challenge_id"], request["code"], datetime.now(UTC)
        actions.confirm_number(tx, settings().unsealing_key, actor, *typed)

    @endpoint(calls.REMOVE_FAX_NUMBER, roles=ROLES, authorise=owner)
    def remove_fax_number(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return {"removed": actions.remove_number(tx, actor, datetime.now(UTC))}
