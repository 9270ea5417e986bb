"""How whoever is logged in looks at their second factors, adds and removes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import CONFIRMED_WITHIN, caller_of, endpoint
from mtnet_contracts.calls.accounts import second_factors as calls
from mtnet_contracts.vocabulary.choices import ROLES

from accounts.attempts.store import GuessStore
from accounts.audit.store import AuditStore
from accounts.registry.store import AccountStore
from accounts.second_factors import actions
from accounts.second_factors.proofs import FactorStores, FactorTerms
from accounts.second_factors.rules import (
    NoSecondFactor,
    NothingBegun,
    PasskeyNotFound,
    PasskeyRefused,
    SecondFactorNeeded,
    SecondFactorWrong,
    TooManyPasskeys,
)
from accounts.second_factors.shapes import added_passkey_view, factors_view
from accounts.second_factors.store import FactorStore
from accounts.settings import settings

Request = dict[str, Any]


def the_owner(service: object, tx: Tx, actor: Actor, request: Request) -> str:
    """Everybody looks after their own second factors, and nobody after others'."""
    return caller_of(actor)


class SecondFactorEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        SecondFactorWrong: "SECOND_FACTOR_WRONG",
        NothingBegun: "NOTHING_BEGUN",
        SecondFactorNeeded: "SECOND_FACTOR_NEEDED",
        NoSecondFactor: "NO_SECOND_FACTOR",
        TooManyPasskeys: "TOO_MANY_PASSKEYS",
        PasskeyRefused: "PASSKEY_REFUSED",
        PasskeyNotFound: "PASSKEY_NOT_FOUND",
    }

    @endpoint(calls.SECOND_FACTORS, roles=ROLES)
    def second_factors(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return factors_view(*actions.own_factors(_stores(tx), _terms(), actor.account_id))

    @endpoint(calls.BEGIN_TOTP, roles=ROLES, authorise=the_owner, confirmed_within=CONFIRMED_WITHIN)
    def begin_totp(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return vars(actions.begin_own_totp(_stores(tx), _terms(), actor.account_id, datetime.now(UTC)))

    @endpoint(calls.CONFIRM_TOTP, roles=ROLES, authorise=the_owner, confirmed_within=CONFIRMED_WITHIN)
    def confirm_totp(self, tx: Tx, actor: Actor, request: Request) -> Any:
        now = datetime.now(UTC)
        codes = actions.confirm_own_totp(_stores(tx), _terms(), actor.account_id, **request, now=now)
        return {"recovery_codes": codes}

    @endpoint(calls.REMOVE_TOTP, roles=ROLES, authorise=the_owner, confirmed_within=CONFIRMED_WITHIN)
    def remove_totp(self, tx: Tx, actor: Actor, request: Request) -> Any:
        actions.remove_totp(_stores(tx), _terms(), actor.account_id, **request, now=datetime.now(UTC))

    @endpoint(calls.RENEW_RECOVERY_CODES, roles=ROLES, authorise=the_owner, confirmed_within=CONFIRMED_WITHIN)
    def renew_recovery_codes(self, tx: Tx, actor: Actor, request: Request) -> Any:
        now = datetime.now(UTC)
        codes = actions.renew_own_recovery_codes(_stores(tx), _terms(), actor.account_id, **request, now=now)
        return {"recovery_codes": codes}

    @endpoint(calls.BEGIN_PASSKEY, roles=ROLES, authorise=the_owner, confirmed_within=CONFIRMED_WITHIN)
    def begin_passkey(self, tx: Tx, actor: Actor, request: Request) -> Any:
        now = datetime.now(UTC)
        return {"question": actions.begin_passkey(_stores(tx), _terms(), actor.account_id, now)}

    @endpoint(calls.ADD_PASSKEY, roles=ROLES, authorise=the_owner, confirmed_within=CONFIRMED_WITHIN)
    def add_passkey(self, tx: Tx, actor: Actor, request: Request) -> Any:
        now = datetime.now(UTC)
        return added_passkey_view(
            *actions.add_passkey(_stores(tx), _terms(), actor.account_id, **request, now=now)
        )

    @endpoint(calls.RENAME_PASSKEY, roles=ROLES, authorise=the_owner)
    def rename_passkey(self, tx: Tx, actor: Actor, request: Request) -> Any:
        actions.rename_passkey(FactorStore(tx), actor.account_id, request["passkey_id"], request["label"])

    @endpoint(calls.REMOVE_PASSKEY, roles=ROLES, authorise=the_owner, confirmed_within=CONFIRMED_WITHIN)
    def remove_passkey(self, tx: Tx, actor: Actor, request: Request) -> Any:
        now = datetime.now(UTC)
        actions.remove_passkey(_stores(tx), _terms(), actor.account_id, **request, now=now)


def _terms() -> FactorTerms:
    return FactorTerms.of(settings())


def _stores(tx: Tx) -> FactorStores:
    return FactorStores(AccountStore(tx), FactorStore(tx), GuessStore(tx), AuditStore(tx), Outbox(tx))
