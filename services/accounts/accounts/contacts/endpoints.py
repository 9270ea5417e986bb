"""How a contact of an application is verified."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Refused, endpoint
from mtnet_contracts.calls.accounts import verification as calls

from accounts.applications.access import token_holder
from accounts.applications.shapes import application_view
from accounts.applications.store import ApplicationStore, GrantStore
from accounts.attempts.store import GuessStore
from accounts.contacts import actions
from accounts.contacts.actions import ContactStores
from accounts.registry.store import NameStore
from accounts.settings import settings
from accounts.vault import vault_of
from accounts.verification import rules
from accounts.verification.actions import code_sender
from accounts.verification.store import ChallengeStore

Request = dict[str, Any]


class ContactEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        rules.TooSoon: lambda p: Refused("TOO_SOON", detail={"resend_at": p.args[0].isoformat()}),
        rules.TooManyCodes: "TOO_MANY_CODES",
        rules.CodeWrong: lambda p: Refused(
            "CODE_WRONG",
            fields={"code": ["CODE_WRONG"]},
            detail={"tries_left": p.tries_left},
            keeps_changes=True,
        ),
        rules.CodeExpired: lambda _: Refused("CODE_EXPIRED", fields={"code": ["CODE_EXPIRED"]}),
        rules.TooManyGuesses: lambda _: Refused("TOO_MANY_GUESSES", fields={"code": ["TOO_MANY_GUESSES"]}),
        rules.CodeVoid: lambda _: Refused("CODE_VOID", fields={"code": ["CODE_VOID"]}),
    }

    @endpoint(calls.REQUEST_CONTACT_CODE, authorise=token_holder)
    def request_contact_code(self, tx: Tx, actor: None, request: Request) -> Any:
        sender, stores = code_sender(tx, settings()), (ApplicationStore(tx), GrantStore(tx))
        token, contact, device = request["application_token"], request["contact"], request["device_token"]
        return actions.request_contact_code(sender, *stores, token, contact, device, datetime.now(UTC))

    @endpoint(calls.VERIFY_CONTACT, authorise=token_holder)
    def verify_contact(self, tx: Tx, actor: None, request: Request) -> Any:
        vault, token, now = vault_of(settings()), request["application_token"], datetime.now(UTC)
        contact, code, device = request["contact"], request["code"], request["device_token"]
        verified = actions.verify_contact(_stores(tx), vault, token, contact, code, device, now)
        return application_view(tx, verified)


def _stores(tx: Tx) -> ContactStores:
    return ContactStores(
        ApplicationStore(tx), GrantStore(tx), NameStore(tx), ChallengeStore(tx), GuessStore(tx), Outbox(tx)
    )
