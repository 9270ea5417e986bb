"""The endpoints of a service: a call comes in, is checked and judged, done in one transaction, answered or refused."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import psycopg
from marshmallow import ValidationError
from mtnet_contracts.calls.call import (
    CONFIRMATION_REQUIRED,
    CONSENT_REQUIRED,
    INVALID,
    NOT_ALLOWED,
    NOT_SIGNED_IN,
    Call,
)
from mtnet_contracts.vocabulary.choices import Role
from mtnet_contracts.vocabulary.limits import LONGEST_KEY
from mtnet_contracts.vocabulary.shapes import flat

from mtnet_chassis.data.database import Transactions, Tx, worth_repeating
from mtnet_chassis.rpc.actor import Actor, ActorNotValid, ActorVerifier
from mtnet_chassis.rpc.client import Client, ClientPassNotValid
from mtnet_chassis.rpc.holder import Holder, PassNotValid
from mtnet_chassis.rpc.idempotency import KeyedCall
from mtnet_chassis.rpc.refusals import Refused, UndeclaredRefusal
from mtnet_chassis.rpc.server import CallEntrypoint

__all__ = [
    "CONFIRMED_WITHIN",
    "Anybody",
    "Endpoint",
    "Refused",
    "Renewal",
    "UndeclaredRefusal",
    "caller_of",
    "endpoint",
]

Method = TypeVar("Method", bound=Callable[..., Any])

# How long ago somebody may have logged in, or confirmed who they are, for what is dangerous.
CONFIRMED_WITHIN = timedelta(minutes=10)
# After a deadlock or a serialisation failure.
REPEATS = 3

# Judges by the present state whether this caller may do this, and names the caller. Raises Refused, or an exception
# that the service's `refusals` name. (service, tx, actor, request) -> a name such as `account:…`, `token:…`. The actor
# is an Actor where the endpoint names roles, or a Holder where it lets applicants in too; a Client where it names a
# scope; else it is None.
Authorise = Callable[[Any, Tx, Any, dict[str, Any]], str]


@dataclass(frozen=True)
class Anybody:
    """Instead of an `authorise` step: everybody may call, or the method itself judges each time; `why` says which."""

    why: str


@dataclass(frozen=True)
class Renewal:
    """How a `repeat="renew"` call answers a second time.

    `keeps(reply)` is what is stored, without the secret. `renews(service, tx, actor, request, kept)` is the reply of
    the second call, or None if the work of the first is of no use any more: then the call is done again.
    """

    keeps: Callable[[dict[str, Any]], dict[str, Any]]
    renews: Callable[[Any, Tx, Any, dict[str, Any], dict[str, Any]], Any]


class Endpoint:
    """Everything between wire and method: shape, actor, roles, authorisation, idempotency, transaction, refusals."""

    def __init__(
        self,
        call: Call,
        method: Callable[..., Any],
        *,
        transaction: bool,
        roles: Collection[Role] = (),
        authorise: Authorise | Anybody | None = None,
        renewal: Renewal | None = None,
        confirmed_within: timedelta | None = None,
        applicants: bool = False,
        before_consent: bool = False,
        scope: str | None = None,
        autocommit: bool = False,
    ) -> None:
        name = f"{call.service}.{call.name}"
        if confirmed_within is not None and not roles:
            raise TypeError(f"{name}: only somebody who is logged in can confirm who they are (roles=)")
        if applicants and (not roles or confirmed_within is not None):
            raise TypeError(f"{name}: a pass is for calls of accounts (roles=) that nobody has to confirm")
        if scope is not None and roles:
            raise TypeError(f"{name}: either a person calls (roles=) or a downstream system does (scope=)")
        if autocommit and (call.writes or not transaction):
            raise TypeError(
                f"{name}: what a call writes is one transaction; only one that reads may do without"
            )
        if call.writes and authorise is None:
            raise TypeError(
                f"{name} writes: say who may call it (authorise=), or why everybody may (Anybody)"
            )
        if (call.writes and call.repeat == "renew") != (renewal is not None):
            raise TypeError(f'{name}: a renewal belongs to a call with repeat="renew", and to no other')
        self.call = call
        self.method = method
        self.transaction = transaction
        self.roles = frozenset(roles)
        self.authorise = authorise
        self.renewal = renewal
        self.confirmed_within = confirmed_within
        self.applicants = applicants
        self.before_consent = before_consent
        self.scope = scope
        self.autocommit = autocommit

    def answer(
        self, service: Any, body: Mapping[str, Any], *, database: Transactions, verifier: ActorVerifier
    ) -> dict[str, Any]:
        """Do what the wire asks. Raises Refused.

        `body` has `actor` or `pass` (tokens), `idempotency_key` and `request`.
        """
        try:
            return self._answer(service, body, database, verifier)
        except Refused as refused:
            if not self.call.may_refuse_with(refused.code):
                raise UndeclaredRefusal(f"{self.call.service}.{self.call.name}: {refused.code}") from refused
            raise

    def _answer(
        self, service: Any, body: Mapping[str, Any], database: Transactions, verifier: ActorVerifier
    ) -> dict[str, Any]:
        actor = self._caller(body, verifier)
        raw = body.get("request") or {}
        key = body.get("idempotency_key") if self.call.takes_key else None
        if key is not None and (not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY):
            raise Refused(INVALID, fields={"idempotency_key": ["NOT_VALID"]})
        # A method with transactions of its own can be done again as a whole only where that is harmless.
        repeats = REPEATS if self.transaction or self.call.may_be_repeated(key) else 0
        while True:
            attempt = _Attempt(self, service, actor, self._loaded(raw), raw, key)
            try:
                return attempt.in_one(database) if self.transaction else attempt.in_several(database)
            except psycopg.Error as problem:
                if not repeats or not worth_repeating(problem):
                    raise
                repeats -= 1

    def _loaded(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self.call.load_request(raw)
        except ValidationError as problem:
            raise Refused(INVALID, fields=flat(problem.messages_dict)) from problem

    def _caller(self, body: Mapping[str, Any], verifier: ActorVerifier) -> Actor | Holder | Client | None:
        token, shown = body.get("actor"), body.get("pass")
        if self.scope is not None:
            return _client(shown, self.scope, verifier)
        if not self.roles:
            return None
        if token is None and shown is not None and self.applicants:
            try:
                return verifier.passes.verify(str(shown))
            except PassNotValid as problem:
                raise Refused(NOT_SIGNED_IN) from problem
        return self._actor(token, verifier)

    def _actor(self, token: Any, verifier: ActorVerifier) -> Actor:
        if token is None:
            raise Refused(NOT_SIGNED_IN)
        try:
            actor = verifier.verify(str(token))
        except ActorNotValid as problem:
            raise Refused(NOT_SIGNED_IN) from problem
        if actor.roles.isdisjoint(self.roles):
            raise Refused(NOT_ALLOWED)
        if actor.needs_consent and not self.before_consent:
            raise Refused(CONSENT_REQUIRED)
        within = self.confirmed_within
        if within is not None and not actor.has_confirmed(within=within, now=datetime.now(UTC)):
            raise Refused(CONFIRMATION_REQUIRED)
        return actor


def _client(shown: Any, scope: str, verifier: ActorVerifier) -> Client:
    try:
        client = verifier.clients.verify(str(shown))
    except ClientPassNotValid as problem:
        raise Refused(NOT_SIGNED_IN) from problem
    if scope not in client.scopes:
        raise Refused(NOT_ALLOWED)
    return client


class _Attempt:
    """One try to answer one call. `request` may be changed by the method, so each try has one of its own."""

    def __init__(
        self,
        endpoint: Endpoint,
        service: Any,
        actor: Actor | Holder | Client | None,
        request: dict[str, Any],
        raw: Any,
        key: str | None,
    ) -> None:
        self._endpoint = endpoint
        self._call = endpoint.call
        self._service = service
        self._actor = actor
        self._request = request
        self._raw = raw
        self._key = key

    def in_one(self, database: Transactions) -> dict[str, Any]:
        """Authorise, look the key up and do the work in one transaction.

        A second call with the same key waits for the first and gets its reply.
        """
        kept: Refused | None = None
        how = {"autocommit": True} if self._endpoint.autocommit else {}
        with database.transaction(**how) as tx:
            keyed: KeyedCall | None = None
            try:
                caller = self._authorise(tx)
                if self._key is None:
                    return self._do(tx)
                keyed = self._keyed(tx, caller, self._key)
                if not keyed.reserve():
                    return self._again(tx, keyed)
                reply = self._do(tx)
                keyed.store(self._kept_of(reply))
                return reply
            except Refused as refused:
                if not refused.keeps_changes:
                    raise
                kept = refused
                if keyed is not None:
                    keyed.forget()
        raise kept

    def in_several(self, database: Transactions) -> dict[str, Any]:
        """The same for a method with transactions of its own: a lock makes the second call wait for the first.

        The reply is stored after the method's own commit. A crash in between leaves the key unused, so such a
        method must allow being called again.
        """
        if self._key is None:
            if not isinstance(self._endpoint.authorise, Anybody | None):
                with database.transaction() as tx:
                    self._authorise(tx)
            return self._do()
        with database.transaction() as guard:
            keyed = self._keyed(guard, self._authorise(guard), self._key)
            keyed.lock()
            if keyed.known():
                return self._again(guard, keyed)
            reply = self._do()
            keyed.reserve()
            keyed.store(self._kept_of(reply))
            return reply

    def _again(self, tx: Tx, keyed: KeyedCall) -> dict[str, Any]:
        # Judged once more: the first call was waited for, and much may have changed meanwhile.
        self._authorise(tx)
        kept = keyed.stored_reply()
        if self._endpoint.renewal is None:
            return kept
        renewed = self._refusing(
            lambda: self._endpoint.renewal.renews(self._service, tx, self._actor, self._request, kept)  # type: ignore[union-attr]
        )
        if renewed is not None:
            return self._call.dump_reply(renewed)
        reply = self._do(tx)
        keyed.store(self._kept_of(reply))
        return reply

    def _authorise(self, tx: Tx) -> str:
        """Who calls; empty where nobody has to say. Raises Refused."""
        authorise = self._endpoint.authorise
        if authorise is None or isinstance(authorise, Anybody):
            return ""
        caller: str = self._refusing(lambda: authorise(self._service, tx, self._actor, self._request))
        return caller

    def _do(self, *tx: Tx) -> dict[str, Any]:
        reply = self._refusing(lambda: self._endpoint.method(self._service, *tx, self._actor, self._request))
        return self._call.dump_reply(reply if reply is not None else {})

    def _refusing(self, work: Callable[[], Any]) -> Any:
        """Do it; the service's own exceptions become the refusals that it names."""
        try:
            return work()
        except Exception as problem:
            refusal = getattr(self._service, "refusals", {}).get(type(problem))
            if refusal is None:
                raise
            raise (refusal(problem) if callable(refusal) else Refused(refusal)) from problem

    def _keyed(self, tx: Tx, caller: str, key: str) -> KeyedCall:
        return KeyedCall(tx, self._call, caller, key, self._raw)

    def _kept_of(self, reply: dict[str, Any]) -> dict[str, Any]:
        return self._endpoint.renewal.keeps(reply) if self._endpoint.renewal else reply


def endpoint(
    call: Call,
    *,
    transaction: bool = True,
    roles: Collection[Role] = (),
    authorise: Authorise | Anybody | None = None,
    renewal: Renewal | None = None,
    confirmed_within: timedelta | None = None,
    applicants: bool = False,
    before_consent: bool = False,
    scope: str | None = None,
    autocommit: bool = False,
) -> Callable[[Method], Method]:
    """Make a method of a service answer `call`.

    The method is `method(self, tx, actor, request)`, or `method(self, actor, request)` with
    `transaction=False`, for work that must not hold a transaction (hashing, rendering, files). What it
    returns is dumped with the call's reply shape. The service's class attribute `refusals` maps its own
    exceptions to codes, or to functions that make a Refused of them. Called directly, as tests do, the method
    is as it was written.

    `roles`: only a signed-in account that has one of them may call, and `actor` says who it is; without them `actor` is
    None, and a token inside the request proves what must be proved.

    `confirmed_within`: what is dangerous needs somebody who logged in, or proved once more who they are, no longer ago
    than that (`CONFIRMED_WITHIN`). Others are refused with CONFIRMATION_REQUIRED before anything is looked up; the
    gateway then asks for the password and comes back.

    `applicants`: whoever shows the pass of an application may call, too; then `actor` is a Holder.

    `scope`: only a downstream system that was granted this scope may call, and `actor` is a Client. Which rows it may
    see is for the method to judge, by `client.system`.

    `autocommit`: for a call that reads, and is made very often: each of its statements is a transaction of its own,
    which saves two trips to the database.

    `before_consent`: also for somebody who has not agreed to a new privacy notice yet. All other calls that need a
    signed-in account are refused with CONSENT_REQUIRED until then.

    A writing call names its `authorise` step, which runs first, in the transaction, on the present state; only
    then is an idempotency key looked up, under the name that the step returned. Without one the service does not
    start (TypeError). A method in one transaction is done again after a deadlock.
    """

    def decorate(method: Method) -> Method:
        made = Endpoint(
            call,
            method,
            transaction=transaction,
            roles=roles,
            authorise=authorise,
            renewal=renewal,
            confirmed_within=confirmed_within,
            applicants=applicants,
            before_consent=before_consent,
            scope=scope,
            autocommit=autocommit,
        )
        decorated: Method = CallEntrypoint.decorator(made)(method)
        return decorated

    return decorate


def caller_of(actor: Actor | Holder) -> str:
    if isinstance(actor, Holder):
        return f"application:{actor.application_id}"
    return f"account:{actor.account_id}"
