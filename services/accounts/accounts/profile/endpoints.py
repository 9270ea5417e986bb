"""How owners see and change their own data and contacts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import CONFIRMED_WITHIN, Anybody, Refused, caller_of, endpoint
from mtnet_contracts.calls.accounts import profile as calls
from mtnet_contracts.vocabulary.choices import ROLES

from accounts.audit.store import AuditStore
from accounts.profile import actions, rules
from accounts.profile.actions import ProfileStores
from accounts.profile.shapes import contacts_view, profile_view, undo_view
from accounts.profile.store import ProfileStore
from accounts.registry.store import AccountStore
from accounts.settings import settings
from accounts.vault import vault_of
from accounts.verification.actions import code_sender

Request = dict[str, Any]


def owner(service: Any, tx: Tx, actor: Actor, request: Request) -> str:
    """Everybody signed in may change what is their own: no request names another account."""
    return caller_of(actor)


class ProfileEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        rules.ProfileChanged: "ANSWERS_CHANGED",
        rules.TooManyContacts: "TOO_MANY_CONTACTS",
        rules.ContactKnown: lambda _: Refused("CONTACT_KNOWN", fields={"value": ["CONTACT_KNOWN"]}),
        rules.ContactNotFound: "CONTACT_NOT_FOUND",
        rules.LastEmail: "LAST_EMAIL",
        rules.UndoNotPossible: "UNDO_LINK_INVALID",
    }

    @endpoint(calls.OWN_PROFILE, roles=ROLES)
    def own_profile(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return profile_view(actions.own_profile(_stores(tx), vault_of(settings()), actor.account_id))

    @endpoint(calls.SAVE_PROFILE, roles=ROLES, authorise=owner)
    def save_profile(self, tx: Tx, actor: Actor, request: Request) -> Any:
        vault, version, now = vault_of(settings()), request.pop("version"), datetime.now(UTC)
        return profile_view(actions.save_profile(_stores(tx), vault, actor, request, version, now))

    @endpoint(calls.OWN_CONTACTS, roles=ROLES)
    def own_contacts(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return contacts_view(actions.own_contacts(_stores(tx), actor.account_id, datetime.now(UTC)))

    @endpoint(calls.REQUEST_CONTACT_CHANGE, roles=ROLES, authorise=owner, confirmed_within=CONFIRMED_WITHIN)
    def request_contact_change(self, tx: Tx, actor: Actor, request: Request) -> Any:
        sender, now = code_sender(tx, settings()), datetime.now(UTC)
        return actions.request_contact_change(_stores(tx), sender, actor, **request, now=now)

    @endpoint(calls.RESEND_CONTACT_CODE, roles=ROLES, authorise=owner)
    def resend_contact_code(self, tx: Tx, actor: Actor, request: Request) -> Any:
        sender, now = code_sender(tx, settings()), datetime.now(UTC)
        return actions.resend_contact_code(_stores(tx), sender, actor, request["change_id"], now)

    @endpoint(calls.CONFIRM_CONTACT_CHANGE, roles=ROLES, authorise=owner)
    def confirm_contact_change(self, tx: Tx, actor: Actor, request: Request) -> Any:
        sender, now = code_sender(tx, settings()), datetime.now(UTC)
        return contacts_view(actions.confirm_contact_change(_stores(tx), sender, actor, **request, now=now))

    @endpoint(calls.REMOVE_CONTACT, roles=ROLES, authorise=owner, confirmed_within=CONFIRMED_WITHIN)
    def remove_contact(self, tx: Tx, actor: Actor, request: Request) -> Any:
        now = datetime.now(UTC)
        return contacts_view(actions.remove_contact(_stores(tx), actor, request["contact_id"], now))

    @endpoint(calls.MAKE_CONTACT_PRIMARY, roles=ROLES, authorise=owner, confirmed_within=CONFIRMED_WITHIN)
    def make_contact_primary(self, tx: Tx, actor: Actor, request: Request) -> Any:
        now = datetime.now(UTC)
        return contacts_view(actions.make_contact_primary(_stores(tx), actor, request["contact_id"], now))

    @endpoint(calls.CONTACT_CHANGE_TO_UNDO)
    def contact_change_to_undo(self, tx: Tx, actor: None, request: Request) -> Any:
        return undo_view(actions.change_to_undo(_stores(tx), request["undo_token"], datetime.now(UTC)))

    @endpoint(calls.UNDO_CONTACT_CHANGE, authorise=Anybody("the link is judged each time"))
    def undo_contact_change(self, tx: Tx, actor: None, request: Request) -> Any:
        actions.undo_contact_change(_stores(tx), request["undo_token"], request["ip"], datetime.now(UTC))


def _stores(tx: Tx) -> ProfileStores:
    key = settings().sealing_public_key
    return ProfileStores(AccountStore(tx), ProfileStore(tx), AuditStore(tx), Outbox(tx), key)
