"""How others reach LINE links: LINE's webhook, and the pages on which a person links and unlinks."""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Anybody, caller_of, endpoint
from mtnet_chassis.rpc.holder import Holder
from mtnet_contracts.calls.notify import line as calls
from mtnet_contracts.vocabulary.choices import ROLES

from notify.contact_points.rules import AccountClosed, CaseHasAccount
from notify.deliveries.sender import ChannelState
from notify.line_links import actions
from notify.line_links.actions import Sending
from notify.line_links.adapters import LineAway, LinePlatform, LinkTokenNotValid, UserUnknown
from notify.line_links.rules import NotFromLine, Unreadable


def _person(service: Any, tx: Tx, caller: Actor | Holder, request: dict[str, Any]) -> str:
    """Each decides about themselves alone."""
    return caller_of(caller)


def _bytes_of(text: str) -> bytes:
    """Raises Unreadable."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise Unreadable("base64") from problem


class LineLinkEndpoints:
    """Owners of accounts and applicants link and unlink for themselves."""

    database: Transactions
    senders: Mapping[str, ChannelState]
    line: LinePlatform

    refusals: ClassVar[dict[type[Exception], Any]] = {
        NotFromLine: "WEBHOOK_SIGNATURE_WRONG",
        Unreadable: "WEBHOOK_UNREADABLE",
        LinkTokenNotValid: "LINE_LINK_INVALID",
        UserUnknown: "LINE_NO_FRIEND",
        LineAway: "LINE_AWAY",
        AccountClosed: "ACCOUNT_CLOSED",
        CaseHasAccount: "CASE_HAS_ACCOUNT",
    }

    @endpoint(
        calls.RECEIVE_LINE_WEBHOOK,
        transaction=False,
        authorise=Anybody("LINE's signature on every byte is judged first"),
    )
    def receive_line_webhook(self, actor: None, request: dict[str, Any]) -> None:
        sending, body = Sending(self.database, self.senders), _bytes_of(request["body"])
        actions.receive(sending, self.line, body, request["signature"], datetime.now(UTC))

    @endpoint(calls.LINE_LINK, roles=ROLES, applicants=True)
    def line_link(self, tx: Tx, caller: Actor | Holder, request: dict[str, Any]) -> dict[str, Any]:
        return actions.link(tx, self.line, caller)

    @endpoint(calls.LINE_LINK_TARGET, transaction=False, roles=ROLES, applicants=True)
    def line_link_target(self, caller: Actor | Holder, request: dict[str, Any]) -> dict[str, Any]:
        name = actions.target(self.line, request["link_token"], datetime.now(UTC))
        dialog = urlsplit(self.line.dialog_url)
        return {"display_name": name, "dialog_origin": f"{dialog.scheme}://{dialog.netloc}"}

    @endpoint(calls.START_LINE_LINK, transaction=False, roles=ROLES, applicants=True, authorise=_person)
    def start_line_link(self, caller: Actor | Holder, request: dict[str, Any]) -> dict[str, Any]:
        token, now = request["link_token"], datetime.now(UTC)
        return {"dialog_url": actions.begin(self.database, self.line, caller, token, now)}

    @endpoint(calls.UNLINK_LINE, roles=ROLES, applicants=True, authorise=_person)
    def unlink_line(self, tx: Tx, caller: Actor | Holder, request: dict[str, Any]) -> dict[str, Any]:
        actions.unlink(tx, Sending(self.database, self.senders), caller, datetime.now(UTC))
        return actions.link(tx, self.line, caller)
